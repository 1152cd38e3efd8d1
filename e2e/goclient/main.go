// A client on golang.org/x/oauth2 and github.com/coreos/go-oidc: `code` logs in with a browser that the test drives, `device` with
// a code that the test types, `application` logs in with what was printed for an application in Go. Prints one line of JSON for each thing the test has to know.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	if err := run(context.Background()); err != nil {
		say(map[string]any{"error": err.Error()})
		os.Exit(1)
	}
}

func say(what map[string]any) {
	line, _ := json.Marshal(what)
	fmt.Println(string(line))
}

func run(ctx context.Context) error {
	if os.Args[1] == "application" {
		return application(ctx)
	}
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		return err
	}
	config := oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  os.Getenv("REDIRECT_URI"),
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
	}
	var token *oauth2.Token
	var nonce string
	switch os.Args[1] {
	case "code":
		nonce = oauth2.GenerateVerifier()
		token, err = code(ctx, config, nonce)
	case "device":
		token, err = device(ctx, config)
	default:
		err = fmt.Errorf("expected code or device, received %s", os.Args[1])
	}
	if err != nil {
		return err
	}
	return report(ctx, provider, config, token, nonce)
}

func code(ctx context.Context, config oauth2.Config, nonce string) (*oauth2.Token, error) {
	verifier := oauth2.GenerateVerifier()
	state := oauth2.GenerateVerifier()
	say(map[string]any{"url": config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))})
	back, err := comesBack(state)
	if err != nil {
		return nil, err
	}
	return config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
}

// The address that the browser came back at.
func comesBack(state string) (*url.URL, error) {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return nil, err
	}
	back, err := url.Parse(line[:len(line)-1])
	if err != nil {
		return nil, err
	}
	if back.Query().Get("state") != state {
		return nil, fmt.Errorf("another state came back: %s", back)
	}
	return back, nil
}

func device(ctx context.Context, config oauth2.Config) (*oauth2.Token, error) {
	asked, err := config.DeviceAuth(ctx)
	if err != nil {
		return nil, err
	}
	say(map[string]any{"code": asked.UserCode, "url": asked.VerificationURI})
	return config.DeviceAccessToken(ctx, asked)
}

func report(ctx context.Context, provider *oidc.Provider, config oauth2.Config, token *oauth2.Token, nonce string) error {
	raw, _ := token.Extra("id_token").(string)
	verified, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
	if err != nil {
		return err
	}
	if verified.Nonce != nonce {
		return fmt.Errorf("nonce: expected %q, received %q", nonce, verified.Nonce)
	}
	if err := verified.VerifyAccessToken(token.AccessToken); err != nil {
		return err
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	var all map[string]any
	if err := verified.Claims(&all); err != nil {
		return err
	}
	var claims struct {
		Name string `json:"preferred_username"`
	}
	if err := info.Claims(&claims); err != nil {
		return err
	}
	refreshed, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		return err
	}
	say(map[string]any{
		"subject":   verified.Subject,
		"claims":    all,
		"same":      info.Subject == verified.Subject,
		"name":      claims.Name,
		"refreshed": refreshed.AccessToken != token.AccessToken,
	})
	return nil
}
