package prometheus

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/prometheus/common/config"
)

// AuthConfig configures authentication and TLS; the zero value sends no credentials. Files are read again
// when they change, so that rotated tokens and certificates take effect.
type AuthConfig struct {
	Username     string // basic authentication
	Password     string
	PasswordFile string

	BearerToken     string
	BearerTokenFile string

	// Headers are sent with every request, such as X-Scope-OrgID for a tenant.
	Headers map[string]string

	CAFile     string // PEM, instead of the system's authorities
	CertFile   string // PEM, the client's certificate and its key
	KeyFile    string
	ServerName string // expected in the server's certificate, default: the host of the address
	SkipVerify bool   // trust any server
}

// Transport returns the transport of an http.Client for [New]. Proxies are those of the environment. An error
// names the setting, never its secret.
func Transport(a AuthConfig) (http.RoundTripper, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	c := config.DefaultHTTPClientConfig
	c.FollowRedirects = false
	c.ProxyFromEnvironment = true
	c.TLSConfig = config.TLSConfig{
		CAFile: a.CAFile, CertFile: a.CertFile, KeyFile: a.KeyFile,
		ServerName: a.ServerName, InsecureSkipVerify: a.SkipVerify,
	}
	if a.Username != "" {
		c.BasicAuth = &config.BasicAuth{Username: a.Username, Password: config.Secret(a.Password), PasswordFile: a.PasswordFile}
	}
	if a.BearerToken != "" || a.BearerTokenFile != "" {
		c.Authorization = &config.Authorization{
			Type: "Bearer", Credentials: config.Secret(a.BearerToken), CredentialsFile: a.BearerTokenFile,
		}
	}
	if len(a.Headers) > 0 {
		c.HTTPHeaders = &config.Headers{Headers: make(map[string]config.Header, len(a.Headers))}
		for name, value := range a.Headers {
			c.HTTPHeaders.Headers[name] = config.Header{Secrets: []config.Secret{config.Secret(value)}}
		}
	}
	transport, err := config.NewRoundTripperFromConfig(c, "accord")
	if err != nil {
		return nil, fmt.Errorf("TLS settings of the Prometheus connection: %w", err)
	}
	return transport, nil
}

// Identity returns a digest that distinguishes the server at the address, and what it shows to this user and
// tenant, from all others, without revealing them. Secrets that rotate are not part of it: passwords, bearer
// tokens and the contents of credential files.
func (a AuthConfig) Identity(address string) string {
	if parsed, err := parseAddress(address); err == nil {
		parsed.User = url.User(parsed.User.Username())
		address = parsed.String()
	}
	parts := []string{address, a.Username, a.BearerTokenFile, a.CertFile}
	for _, name := range slices.Sorted(maps.Keys(a.Headers)) {
		parts = append(parts, http.CanonicalHeaderKey(name), a.Headers[name])
	}
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%q", parts)))
}

func (a AuthConfig) check() error {
	basic := a.Username != ""
	bearer := a.BearerToken != "" || a.BearerTokenFile != ""
	switch {
	case !basic && (a.Password != "" || a.PasswordFile != ""):
		return errors.New("a password is given without a user name")
	case a.Password != "" && a.PasswordFile != "":
		return errors.New("a password and a password file are given: choose one")
	case a.BearerToken != "" && a.BearerTokenFile != "":
		return errors.New("a bearer token and a bearer token file are given: choose one")
	case basic && bearer:
		return errors.New("a user name and a bearer token are given: a request can carry only one of them")
	case (a.CertFile == "") != (a.KeyFile == ""):
		return errors.New("a client certificate needs both its certificate file and its key file")
	}
	if err := a.checkHeaders(basic || bearer); err != nil {
		return err
	}
	return checkFiles(map[string]string{
		"password file": a.PasswordFile, "bearer token file": a.BearerTokenFile,
		"CA file": a.CAFile, "client certificate file": a.CertFile, "client key file": a.KeyFile,
	})
}

func (a AuthConfig) checkHeaders(credentials bool) error {
	for name := range a.Headers {
		canonical := http.CanonicalHeaderKey(name)
		_, reserved := config.ReservedHeaders[canonical]
		switch {
		case name == "" || strings.ContainsAny(name, " \t\r\n:"):
			return fmt.Errorf("header name %q is not one: write it as in X-Scope-OrgID", name)
		case canonical == "Authorization" && credentials:
			return errors.New("an Authorization header is given beside a user name or token: choose one")
		case canonical == "Authorization": // the only way to use another scheme
		case reserved:
			return fmt.Errorf("header %s is set by the connection itself and cannot be given", canonical)
		}
	}
	return nil
}

// checkFiles reports an unreadable file now rather than at the first request.
func checkFiles(files map[string]string) error {
	for what, path := range files {
		if path == "" {
			continue
		}
		f, err := os.Open(path)
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return fmt.Errorf("%s of the Prometheus connection: %w", what, err)
		}
	}
	return nil
}
