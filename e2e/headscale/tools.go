//go:build tools

// Package tools names the program that is tried by hand, so that the module file keeps it.
package tools

import _ "github.com/juanfont/headscale/cmd/headscale"
