package cli

import (
	"cmp"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/accord-sla/accord/pkg/counting"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/prometheus"
)

// connection is how Prometheus is reached.
type connection struct {
	address    string
	auth       prometheus.AuthConfig
	headers    []header
	timeout    time.Duration // of a query
	resolution time.Duration
	noCache    bool
}

type header struct{ name, value string }

// connectionFlag is the annotation of flags that say how to connect.
const connectionFlag = "connection"

// addConnectionFlags adds the flags with their annotation.
func addConnectionFlags(command *cobra.Command, flags *pflag.FlagSet) {
	flags.SortFlags = false
	flags.VisitAll(func(flag *pflag.Flag) {
		_ = flags.SetAnnotation(flag.Name, connectionFlag, []string{"true"})
	})
	command.Flags().AddFlagSet(flags)
}

func (c *connection) flags(command *cobra.Command) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SortFlags = false
	address := cmp.Or(os.Getenv("ACCORD_PROMETHEUS"), "http://localhost:9090")
	flags.StringVar(&c.address, "prometheus", address, "ask at `URL`, of Prometheus or the like ($ACCORD_PROMETHEUS)")
	addListFlag(flags, &c.headers, "header", "send `\"NAME: VALUE\"` as a header (repeatable), such as a tenant", readHeader)
	flags.StringVar(&c.auth.Username, "username", "", "`USER` of basic authentication")
	flags.StringVar(&c.auth.PasswordFile, "password-file", "", "`FILE` with the password of --username")
	flags.StringVar(&c.auth.BearerTokenFile, "bearer-token-file", "", "`FILE` with a bearer token")
	flags.StringVar(&c.auth.CAFile, "tls-ca", "", "PEM `FILE` of the authorities to trust")
	flags.StringVar(&c.auth.CertFile, "tls-cert", "", "PEM `FILE` of the client's certificate")
	flags.StringVar(&c.auth.KeyFile, "tls-key", "", "PEM `FILE` of the client's key")
	flags.StringVar(&c.auth.ServerName, "tls-server-name", "", "`NAME` expected in the server's certificate")
	flags.BoolVar(&c.auth.SkipVerify, "tls-skip-verify", false, "trust any server")
	addFlag(flags, &c.timeout, "timeout", "1m", "give a query up after `DURATION`", readDuration("30s"))
	c.resolutionFlag(flags, "slots of `DURATION`, which divides a day")
	flags.BoolVar(&c.noCache, "no-cache", false, "count all of history anew, and keep nothing of it on disk")
	addConnectionFlags(command, flags)
}

// given reports whether a Prometheus was named, for commands that do without.
func (c *connection) given(command *cobra.Command) bool {
	return command.Flags().Changed("prometheus") || os.Getenv("ACCORD_PROMETHEUS") != ""
}

func (c *connection) resolutionFlag(flags *pflag.FlagSet, usage string) {
	addFlag(flags, &c.resolution, "resolution", "5m", usage, readResolution)
}

func readHeader(name, text string) (header, error) {
	key, value, ok := strings.Cut(text, ":")
	if !ok || strings.TrimSpace(key) == "" {
		return header{}, usagef(`--%s: must be "Name: value"`, name)
	}
	return header{strings.TrimSpace(key), strings.TrimSpace(value)}, nil
}

// client and service are those on the connection; nothing is asked yet.
func (c *connection) client() (*prometheus.Client, error) {
	c.auth.Headers = map[string]string{}
	for _, h := range c.headers {
		c.auth.Headers[h.name] = h.value
	}
	transport, err := prometheus.Transport(c.auth)
	if err != nil {
		return nil, &usageError{err}
	}
	client, err := prometheus.New(c.address, &http.Client{Transport: transport}, prometheus.Options{Probes: counting.Probes(), Timeout: c.timeout})
	if err != nil {
		return nil, usagef("--prometheus: %w", err)
	}
	return client, nil
}

func (c *connection) service(client *prometheus.Client, now func() time.Time) *measure.Service {
	options := counting.Options{Resolution: c.resolution, Now: now, Cache: counting.Cache{Missing: "turned off by --no-cache"}}
	if !c.noCache {
		options.Cache = counting.OpenCache(c.address, c.auth.Identity(c.address), counting.CacheVariable)
	}
	return measure.New(client, options)
}
