// Command doorward-e2e-kubernetes is kubectl, or, when its first word is "api", as much of an API server as `kubectl auth whoami` asks
// for: the authenticator of Kubernetes itself, as its configuration file says, behind the one resource that tells who somebody is.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/apis/apiserver/validation"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	if len(os.Args) == 4 && os.Args[1] == "api" {
		log.Fatal(serve(os.Args[2], os.Args[3]))
	}
	// As its own main does.
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}

// The authority of the issuer, as the file has it.
type authority string

func (a authority) CurrentCABundleContent() []byte { return []byte(a) }

// Reads the file as the API server does: unknown fields are errors.
func configuration(file string) (*apiserver.AuthenticationConfiguration, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	install.Install(scheme)
	codecs := serializer.NewCodecFactory(scheme, serializer.EnableStrict)
	decoded, err := runtime.Decode(codecs.UniversalDecoder(), text)
	if err != nil {
		return nil, err
	}
	read, ok := decoded.(*apiserver.AuthenticationConfiguration)
	if !ok {
		return nil, fmt.Errorf("expected an AuthenticationConfiguration, got %T", decoded)
	}
	compiler := authenticationcel.NewDefaultCompiler()
	return read, validation.ValidateAuthenticationConfiguration(compiler, read, nil).ToAggregate()
}

func serve(address, file string) error {
	read, err := configuration(file)
	if err != nil {
		return err
	}
	if len(read.JWT) != 1 {
		return fmt.Errorf("expected one issuer, got %d", len(read.JWT))
	}
	options := oidc.Options{JWTAuthenticator: read.JWT[0], SupportedSigningAlgs: oidc.AllValidSigningAlgorithms()}
	if pem := read.JWT[0].Issuer.CertificateAuthority; pem != "" {
		options.CAContentProvider = authority(pem)
	}
	tokens, err := oidc.New(context.Background(), options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	// Whether it has read what the issuer publishes.
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := tokens.HealthCheck(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("POST /apis/authentication.k8s.io/v1/selfsubjectreviews", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		found, ok, err := authenticate(tokens, token)
		if !ok {
			log.Printf("Unable to authenticate the request: %v", err)
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(metav1.Status{
				TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
				Status:   metav1.StatusFailure, Message: "Unauthorized", Reason: metav1.StatusReasonUnauthorized, Code: 401,
			})
			return
		}
		review := authenticationv1.SelfSubjectReview{
			TypeMeta: metav1.TypeMeta{APIVersion: "authentication.k8s.io/v1", Kind: "SelfSubjectReview"},
		}
		review.Status.UserInfo = authenticationv1.UserInfo{
			Username: found.User.GetName(), UID: found.User.GetUID(), Groups: found.User.GetGroups(),
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(review)
	})
	// kubectl sends no token without TLS.
	server := httptest.NewUnstartedServer(mux)
	server.Listener = listener
	server.StartTLS()
	log.Print("listening")
	select {}
}

func authenticate(tokens authenticator.Token, token string) (*authenticator.Response, bool, error) {
	within, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return tokens.AuthenticateToken(within, token)
}
