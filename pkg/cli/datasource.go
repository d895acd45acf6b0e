package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/wire"
)

// dataSource asks the data source in a Grafana in place of Prometheus, for CI that
// may not reach that one. The documents are then those of the data source.
type dataSource struct {
	address string
	uid     string
}

func (d *dataSource) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&d.address, "grafana", "", "ask the data source in the Grafana at `URL` instead, with the token in $ACCORD_GRAFANA_TOKEN")
	flags.StringVar(&d.uid, "datasource", "", "`UID` of the data source in --grafana")
	for _, name := range []string{"grafana", "datasource"} {
		_ = flags.SetAnnotation(name, connectionFlag, []string{"true"})
	}
}

// tokenVariables are where the token of a service account is looked for.
var tokenVariables = []string{"ACCORD_GRAFANA_TOKEN", "GRAFANA_TOKEN"}

// remote is a data source that can be asked.
type remote struct {
	client *http.Client
	base   string // of its resources
	shown  string // the address without secrets
	uid    string
	token  string
}

// remote is nil when Prometheus is to be asked.
func (d *dataSource) remote(c *connection) (*remote, error) {
	switch {
	case d.address == "" && d.uid == "":
		return nil, nil
	case d.address == "":
		return nil, usagef("--datasource goes with --grafana: give the address of the Grafana")
	case d.uid == "":
		return nil, usagef("--grafana needs --datasource: the UID of the data source, which stands in its address in Grafana")
	}
	parsed, err := url.Parse(d.address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return nil, usagef("--grafana %q: must be an address that begins with http:// or https://", d.address)
	}
	r := &remote{uid: d.uid, shown: parsed.Redacted()}
	for _, name := range tokenVariables {
		if r.token == "" {
			r.token = strings.TrimSpace(os.Getenv(name))
		}
	}
	if r.token == "" {
		return nil, usagef("--grafana needs the token of a service account: set $%s", tokenVariables[0])
	}
	timeout, err := model.ParseDuration(c.timeout)
	if err != nil || timeout <= 0 {
		return nil, usagef("--timeout %q: must be a duration such as 30s", c.timeout)
	}
	transport, err := prometheus.Transport(prometheus.AuthConfig{CAFile: c.auth.CAFile, CertFile: c.auth.CertFile, KeyFile: c.auth.KeyFile,
		ServerName: c.auth.ServerName, SkipVerify: c.auth.SkipVerify})
	if err != nil {
		return nil, &usageError{err}
	}
	r.client = &http.Client{Transport: transport, Timeout: time.Duration(timeout),
		// To the login page, or to another host that the token is not for.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	parsed.User, parsed.RawQuery, parsed.Fragment = nil, "", ""
	r.base = parsed.JoinPath("api", "datasources", "uid", d.uid, "resources").String()
	return r, nil
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 20

// get reads a resource into the value.
func (r *remote) get(ctx context.Context, resource string, query url.Values, value any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/"+resource+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Accept", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the address, which is said
		}
		return fmt.Errorf("the Grafana at %s could not be asked: %w", r.shown, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("the answer of Grafana at %s broke off: %w", r.shown, err)
	case len(body) > maxAnswer:
		return fmt.Errorf("the answer of Grafana at %s is longer than %d MiB, the limit", r.shown, maxAnswer>>20)
	case response.StatusCode != http.StatusOK:
		return r.refused(response, body)
	}
	if err := json.Unmarshal(body, value); err != nil {
		return fmt.Errorf("the answer of Grafana at %s is not that of this plugin: is %s the UID of an Accord data source? (%w)", r.shown, r.uid, err)
	}
	return nil
}

// refused says why there was no answer. What the data source says itself comes
// as error, what Grafana says as message.
func (r *remote) refused(response *http.Response, body []byte) error {
	var said struct{ Error, Message string }
	_ = json.Unmarshal(body, &said) // not JSON: nothing was said
	status := fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode))
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized:
		return fmt.Errorf("the Grafana at %s does not know the token (%s): it is that of a service account, not expired, of this Grafana and organization", r.shown, status)
	case code == http.StatusForbidden:
		return fmt.Errorf("the token may not query the data source %s (%s): its service account needs the role Viewer, and the permission to query this data source", r.uid, status)
	case said.Error != "":
		return errors.New(said.Error)
	case code == http.StatusNotFound && said.Message != "":
		return fmt.Errorf("the Grafana at %s has no data source with the UID %q (%s: %s)", r.shown, r.uid, status, said.Message)
	case code >= 300 && code < 400:
		return fmt.Errorf("the Grafana at %s redirects to %s: give that address, or the token is not accepted there", r.shown, response.Header.Get("Location"))
	case said.Message != "":
		return fmt.Errorf("the Grafana at %s answered %s: %s", r.shown, status, said.Message)
	}
	return fmt.Errorf("the Grafana at %s answered %s: is that the address of a Grafana, with its path if it has one?", r.shown, status)
}

// report is the status of everything as the data source measures it.
func (r *remote) report(ctx context.Context, query url.Values) (told wire.Report, err error) {
	err = r.get(ctx, "status", query, &told)
	if err == nil && told.Resolution == "" {
		err = fmt.Errorf("the answer of Grafana at %s is not that of this plugin: is %s the UID of an Accord data source?", r.shown, r.uid)
	}
	return told, err
}

// gate is the decision as the data source makes it.
func (r *remote) gate(ctx context.Context, query url.Values) (told wire.Gate, err error) {
	err = r.get(ctx, "gate", query, &told)
	if err == nil && told.Decision == "" {
		err = fmt.Errorf("the answer of Grafana at %s is not that of this plugin: is %s the UID of an Accord data source?", r.shown, r.uid)
	}
	return told, err
}
