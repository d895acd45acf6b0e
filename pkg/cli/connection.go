package cli

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/common/model"
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
	headers    []string
	timeout    string
	resolution string
}

// connectionFlag is the annotation of flags that say how to connect.
const connectionFlag = "connection"

func (c *connection) flags(command *cobra.Command) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.SortFlags = false
	flags.StringVar(&c.address, "prometheus", "http://localhost:9090", "ask at `URL`, of Prometheus, VictoriaMetrics, Mimir or Thanos")
	flags.StringArrayVar(&c.headers, "header", nil, "send `\"NAME: VALUE\"` as a header (repeatable), such as a tenant")
	flags.StringVar(&c.auth.Username, "username", "", "`USER` of basic authentication")
	flags.StringVar(&c.auth.PasswordFile, "password-file", "", "`FILE` with the password of --username")
	flags.StringVar(&c.auth.BearerTokenFile, "bearer-token-file", "", "`FILE` with a bearer token")
	flags.StringVar(&c.auth.CAFile, "tls-ca", "", "PEM `FILE` of the authorities to trust")
	flags.StringVar(&c.auth.CertFile, "tls-cert", "", "PEM `FILE` of the client's certificate")
	flags.StringVar(&c.auth.KeyFile, "tls-key", "", "PEM `FILE` of the client's key")
	flags.StringVar(&c.auth.ServerName, "tls-server-name", "", "`NAME` expected in the server's certificate")
	flags.BoolVar(&c.auth.SkipVerify, "tls-skip-verify", false, "trust any server")
	flags.StringVar(&c.timeout, "timeout", "1m", "give a query up after `DURATION`")
	flags.StringVar(&c.resolution, "resolution", "5m", "slots of `DURATION`, which divides a day")
	flags.VisitAll(func(flag *pflag.Flag) {
		_ = flags.SetAnnotation(flag.Name, connectionFlag, []string{"true"})
	})
	command.Flags().AddFlagSet(flags)
}

// engine is the engine on the connection; nothing is asked yet.
func (c *connection) engine(streams Streams) (*measure.Engine, error) {
	resolution, err := c.slotLength()
	if err != nil {
		return nil, err
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	return measure.New(client, measure.Options{Resolution: resolution, Now: streams.Now}), nil
}

// patience is how long a query may take.
func (c *connection) patience() (time.Duration, error) {
	timeout, err := model.ParseDuration(c.timeout)
	if err != nil || timeout <= 0 {
		return 0, usagef("--timeout %q: must be a duration such as 30s", c.timeout)
	}
	return time.Duration(timeout), nil
}

func (c *connection) client() (*prometheus.Client, error) {
	timeout, err := c.patience()
	if err != nil {
		return nil, err
	}
	c.auth.Headers = map[string]string{}
	for _, header := range c.headers {
		name, value, ok := strings.Cut(header, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, usagef(`--header: must be "Name: value"`)
		}
		c.auth.Headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	transport, err := prometheus.Transport(c.auth)
	if err != nil {
		return nil, &usageError{err}
	}
	client, err := prometheus.New(c.address, &http.Client{Transport: transport}, prometheus.Options{Probes: counting.Probes(), Timeout: timeout})
	if err != nil {
		return nil, usagef("--prometheus: %w", err)
	}
	return client, nil
}

func (c *connection) slotLength() (time.Duration, error) {
	parsed, err := model.ParseDuration(c.resolution)
	length := time.Duration(parsed)
	if err != nil || length < time.Minute || (24*time.Hour)%length != 0 {
		return 0, usagef("--resolution %q: must be whole minutes that divide a day, such as 1m, 5m or 15m", c.resolution)
	}
	return length, nil
}
