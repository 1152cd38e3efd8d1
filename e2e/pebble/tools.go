//go:build tools

// Package tools names the programs that the end-to-end tests build, so that the module file keeps them.
package tools

import (
	_ "github.com/letsencrypt/pebble/v2/cmd/pebble"
	_ "github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv"
)
