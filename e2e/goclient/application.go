package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// What an application in Go makes of its configuration before it calls the two libraries.
type settings struct {
	// Empty where the application has its endpoints configured one by one, and then reads no ID token.
	Issuer   string   `json:"issuer"`
	Auth     string   `json:"auth"`
	Token    string   `json:"token"`
	UserInfo string   `json:"userinfo"`
	ID       string   `json:"id"`
	Secret   string   `json:"secret"`
	Redirect string   `json:"redirect"`
	Scopes   []string `json:"scopes"`
	PKCE     bool     `json:"pkce"`
	InParams bool     `json:"in_params"`
}

// Logs in as an application with these settings does, and says what it was told about the person, by the ID token and by userinfo.
func application(ctx context.Context) error {
	var set settings
	if err := json.Unmarshal([]byte(os.Getenv("SETTINGS")), &set); err != nil {
		return err
	}
	endpoint := oauth2.Endpoint{AuthURL: set.Auth, TokenURL: set.Token}
	var provider *oidc.Provider
	if set.Issuer != "" {
		var err error
		if provider, err = oidc.NewProvider(ctx, set.Issuer); err != nil {
			return err
		}
		endpoint = provider.Endpoint()
	}
	if set.InParams {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	config := oauth2.Config{ClientID: set.ID, ClientSecret: set.Secret, Endpoint: endpoint, RedirectURL: set.Redirect, Scopes: set.Scopes}
	state, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	var asked, shown []oauth2.AuthCodeOption
	if set.PKCE {
		asked = append(asked, oauth2.S256ChallengeOption(verifier))
		shown = append(shown, oauth2.VerifierOption(verifier))
	}
	say(map[string]any{"url": config.AuthCodeURL(state, asked...)})
	back, err := comesBack(state)
	if err != nil {
		return err
	}
	token, err := config.Exchange(ctx, back.Query().Get("code"), shown...)
	if err != nil {
		return err
	}
	told := map[string]any{"refresh": token.RefreshToken != ""}
	if provider == nil {
		return endpoints(ctx, config, token, set.UserInfo, told)
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := provider.Verifier(&oidc.Config{ClientID: set.ID}).Verify(ctx, raw)
	if err != nil {
		return err
	}
	info, err := provider.UserInfo(ctx, config.TokenSource(ctx, token))
	if err != nil {
		return err
	}
	var inToken, inInfo map[string]any
	if err := errors.Join(verified.Claims(&inToken), info.Claims(&inInfo)); err != nil {
		return err
	}
	told["id_token"], told["userinfo"] = inToken, inInfo
	say(told)
	return nil
}

func endpoints(ctx context.Context, config oauth2.Config, token *oauth2.Token, address string, told map[string]any) error {
	answer, err := config.Client(ctx, token).Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("userinfo: %s: %s", answer.Status, body)
	}
	var claims map[string]any
	if err := json.Unmarshal(body, &claims); err != nil {
		return err
	}
	told["userinfo"] = claims
	say(told)
	return nil
}
