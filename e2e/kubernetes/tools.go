//go:build tools

// Package tools names the program that the end-to-end tests build, so that the module file keeps it.
package tools

import _ "github.com/int128/kubelogin"
