// A client in Go, on the two libraries that nearly every program in Go logs in with.
module doorward-e2e-goclient

go 1.21

require (
	github.com/coreos/go-oidc/v3 v3.11.0
	golang.org/x/oauth2 v0.21.0
)

require (
	github.com/go-jose/go-jose/v4 v4.0.2 // indirect
	golang.org/x/crypto v0.25.0 // indirect
)
