package prometheus

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// authority signs certificates for the tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

// Certificates hold for as long as anyone will run these tests.
var notBefore, notAfter = time.Unix(0, 0), time.Unix(1<<32, 0)

func newAuthority(t *testing.T) authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: notBefore, NotAfter: notAfter, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return authority{certificate, key, writePEM(t, "CERTIFICATE", der)}
}

// sign makes a certificate for a host name (also 127.0.0.1 for "loopback") or
// a client, as the files of certificate and key.
func (a authority) sign(t *testing.T, name string) (certFile, keyFile string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: notBefore, NotAfter: notAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if name == "loopback" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	return writePEM(t, "CERTIFICATE", der), writePEM(t, "EC PRIVATE KEY", keyDER)
}

func writePEM(t *testing.T, kind string, der []byte) string {
	file := filepath.Join(t.TempDir(), "file.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return file
}

func writeText(t *testing.T, text string) string {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// secure starts a TLS server with a certificate for name; with clients set it
// asks for certificates that they signed.
func secure(t *testing.T, a authority, name string, clients *authority) string {
	certFile, keyFile := a.sign(t, name)
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(answering(empty))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	if clients != nil {
		// In TLS 1.2 the server's refusal arrives before the request is sent;
		// in 1.3 a reset of the connection may overtake it.
		s.TLS.MaxVersion = tls.VersionTLS12
		s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		s.TLS.ClientCAs.AddCert(clients.certificate)
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// ask asks one query over a transport made of the settings.
func ask(t *testing.T, address string, a AuthConfig) error {
	t.Helper()
	transport, err := Transport(a)
	require.NoError(t, err)
	c, err := New(address, &http.Client{Transport: transport}, Options{})
	require.NoError(t, err)
	_, err = c.ask(WithoutRetry(context.Background()), c.instant("up", month.End, (&record{}).Series))
	return err
}

func TestTLS(t *testing.T) {
	ours, foreign := newAuthority(t), newAuthority(t)
	clientCert, clientKey := ours.sign(t, "client")
	foreignCert, foreignKey := foreign.sign(t, "client")
	loopback, named, strict := secure(t, ours, "loopback", nil), secure(t, ours, "prom.example", nil), secure(t, ours, "loopback", &ours)

	tests := []struct {
		name, address string
		auth          AuthConfig
		kind          Kind // empty: it works
		says          string
	}{
		{"the authority is known", loopback, AuthConfig{CAFile: ours.file}, "", ""},
		{"the authority is not known", loopback, AuthConfig{}, Unreachable, "give the certificate of the authority"},
		{"another authority is known", loopback, AuthConfig{CAFile: foreign.file}, Unreachable, "give the certificate of the authority"},
		{"any server is trusted", loopback, AuthConfig{SkipVerify: true}, "", ""},
		{"the certificate is for another name", named, AuthConfig{CAFile: ours.file}, Unreachable, "set the server name to expect"},
		{"the name is expected", named, AuthConfig{CAFile: ours.file, ServerName: "prom.example"}, "", ""},
		{"the client has a certificate", strict, AuthConfig{CAFile: ours.file, CertFile: clientCert, KeyFile: clientKey}, "", ""},
		{"the client has none", strict, AuthConfig{CAFile: ours.file}, Unreachable, "it may want a client certificate"},
		{"the client's is by a stranger", strict, AuthConfig{CAFile: ours.file, CertFile: foreignCert, KeyFile: foreignKey}, Unauthorized, "the client certificate of this connection"},
		{"http to a server of https", "http" + loopback[len("https"):], AuthConfig{}, NotFound, "use https://"},
		{"https to a server of http", "https" + server(t, answering(empty))[len("http"):], AuthConfig{}, Unreachable, "use http://"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := ask(t, tt.address, tt.auth)
			require.Equal(t, tt.kind, KindOf(err), err)
			if tt.kind == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// What a server of TLS 1.3 sends, after the handshake.
func TestRefusedClientCertificateIsAQuestionOfCredentials(t *testing.T) {
	for _, alert := range []string{"certificate required", "bad certificate", "unknown certificate authority", "expired certificate"} {
		require.Equal(t, Unauthorized, kindOfTransport(errors.New("remote error: tls: "+alert), Unreachable))
	}
}

func TestCredentialsAreSent(t *testing.T) {
	tests := []struct {
		name    string
		auth    AuthConfig
		headers map[string]string
	}{
		{"none", AuthConfig{}, map[string]string{"Authorization": ""}},
		{"basic", AuthConfig{Username: "eve", Password: "pw"}, map[string]string{"Authorization": "Basic ZXZlOnB3"}},
		{"basic, password in a file", AuthConfig{Username: "eve", PasswordFile: writeText(t, "pw\n")}, map[string]string{"Authorization": "Basic ZXZlOnB3"}},
		{"bearer", AuthConfig{BearerToken: "t0ken"}, map[string]string{"Authorization": "Bearer t0ken"}},
		{"bearer, token in a file", AuthConfig{BearerTokenFile: writeText(t, "t0ken\n")}, map[string]string{"Authorization": "Bearer t0ken"}},
		{"another scheme", AuthConfig{Headers: map[string]string{"authorization": "ApiKey k"}}, map[string]string{"Authorization": "ApiKey k"}},
		{"tenant and token", AuthConfig{BearerToken: "t", Headers: map[string]string{"X-Scope-OrgID": "checkout"}},
			map[string]string{"Authorization": "Bearer t", "X-Scope-OrgID": "checkout"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address, seen := listening(t, answering(empty))
			require.NoError(t, ask(t, address, tt.auth))
			for name, value := range tt.headers {
				require.Equal(t, value, (*seen)[0].header.Get(name))
			}
		})
	}
}

func TestUserAndPasswordInTheAddress(t *testing.T) {
	address, seen := listening(t, answering(empty))
	require.NoError(t, ask(t, "http://eve:pw@"+address[len("http://"):], AuthConfig{}))
	require.Equal(t, "Basic ZXZlOnB3", (*seen)[0].header.Get("Authorization"))
}

func TestRotatedTokenIsTakenUp(t *testing.T) {
	address, seen := listening(t, answering(empty))
	file := writeText(t, "old")
	transport, err := Transport(AuthConfig{BearerTokenFile: file})
	require.NoError(t, err)
	c, err := New(address, &http.Client{Transport: transport}, Options{})
	require.NoError(t, err)
	for _, token := range []string{"old", "new"} {
		require.NoError(t, os.WriteFile(file, []byte(token), 0o600))
		_, err := c.ask(context.Background(), c.instant("up", month.End, (&record{}).Series))
		require.NoError(t, err)
		require.Equal(t, "Bearer "+token, (*seen)[len(*seen)-1].header.Get("Authorization"))
	}
}

func TestAuthConfigThatCannotWork(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	text := writeText(t, "s3cret")
	for says, auth := range map[string]AuthConfig{
		"a password is given without a user name":                         {Password: "s3cret"},
		"a password and a password file are given":                        {Username: "u", Password: "s3cret", PasswordFile: text},
		"a bearer token and a bearer token file are given":                {BearerToken: "s3cret", BearerTokenFile: text},
		"a user name and a bearer token are given":                        {Username: "u", BearerToken: "s3cret"},
		"needs both its certificate file and its key file":                {CertFile: text},
		"header Content-Type is set by the connection itself":             {Headers: map[string]string{"content-type": "s3cret"}},
		"an Authorization header is given beside":                         {BearerToken: "t", Headers: map[string]string{"Authorization": "s3cret"}},
		`header name "X Y" is not one`:                                    {Headers: map[string]string{"X Y": "s3cret"}},
		"bearer token file of the Prometheus connection: open " + missing: {BearerTokenFile: missing},
		"TLS settings of the Prometheus connection: ":                     {CAFile: text},
	} {
		_, err := Transport(auth)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

// What decides whom a server shows what tells connections apart; what is renewed
// does not, and nothing can be read out of it.
func TestTheIdentityOfAConnection(t *testing.T) {
	const address = "http://prometheus:9090/prom?tenant=a"
	identity := func(a AuthConfig, address string) string { return a.Identity(address) }
	seen := map[string]string{}
	for name, id := range map[string]string{
		"plain":         identity(AuthConfig{}, address),
		"another host":  identity(AuthConfig{}, "http://prometheus2:9090/prom?tenant=a"),
		"another path":  identity(AuthConfig{}, "http://prometheus:9090/other?tenant=a"),
		"a parameter":   identity(AuthConfig{}, "http://prometheus:9090/prom?tenant=b"),
		"a user":        identity(AuthConfig{Username: "payments"}, address),
		"another user":  identity(AuthConfig{Username: "checkout"}, address),
		"user in URL":   identity(AuthConfig{}, "http://checkout@prometheus:9090/prom?tenant=a"),
		"tenant":        identity(AuthConfig{Headers: map[string]string{"X-Scope-OrgID": "payments"}}, address),
		"other tenant":  identity(AuthConfig{Headers: map[string]string{"X-Scope-OrgID": "checkout"}}, address),
		"other header":  identity(AuthConfig{Headers: map[string]string{"THANOS-TENANT": "payments"}}, address),
		"token file":    identity(AuthConfig{BearerTokenFile: "/token"}, address),
		"another token": identity(AuthConfig{BearerTokenFile: "/token2"}, address),
	} {
		require.Regexp(t, "^[0-9a-f]{64}$", id)
		require.Empty(t, seen[id], name)
		seen[id] = name
	}
	same := func(a, b string) { t.Helper(); require.Equal(t, a, b); require.NotEmpty(t, a) }
	same(identity(AuthConfig{Username: "payments", Password: "old"}, address), identity(AuthConfig{Username: "payments", PasswordFile: "/new"}, address))
	same(identity(AuthConfig{Headers: map[string]string{"x-scope-orgid": "payments"}}, address), identity(AuthConfig{Headers: map[string]string{"X-Scope-OrgID": "payments"}}, address+"#x"))
	same(identity(AuthConfig{}, "http://checkout:old@prometheus:9090/prom?tenant=a"), identity(AuthConfig{}, "http://checkout:new@prometheus:9090/prom?tenant=a"))
	same(identity(AuthConfig{BearerToken: "old"}, address), identity(AuthConfig{}, address))
}
