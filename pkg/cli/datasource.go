package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/tables"
)

// remote is an Accord data source in a Grafana, with its own documents, for CI that cannot reach Prometheus.
type remote struct {
	address string
	uid     string
	client  *http.Client
	base    string // URL of its resources
	shown   string // address without secrets
	token   string
}

func (r *remote) flags(command *cobra.Command) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.StringVar(&r.address, "grafana", "", "ask the data source in the Grafana at `URL` instead, with the token in $ACCORD_GRAFANA_TOKEN")
	flags.StringVar(&r.uid, "datasource", "", "`UID` of the data source in --grafana")
	addConnectionFlags(command, flags)
}

// open reports whether the flags name a data source, and prepares the client for it.
func (r *remote) open(c *connection) (asked bool, err error) {
	switch {
	case r.address == "" && r.uid == "":
		return false, nil
	case r.address == "":
		return false, usagef("--datasource goes with --grafana: give the address of the Grafana")
	case r.uid == "":
		return false, usagef("--grafana needs --datasource: the UID of the data source, which stands in its address in Grafana")
	}
	parsed, err := url.Parse(r.address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		shown := fmt.Sprintf(" %q", r.address)
		if strings.Contains(shown, "@") { // an @ may follow a password
			shown = ""
		}
		return false, usagef("--grafana%s: must be an address that begins with http:// or https://", shown)
	}
	r.token = cmp.Or(strings.TrimSpace(os.Getenv("ACCORD_GRAFANA_TOKEN")), strings.TrimSpace(os.Getenv("GRAFANA_TOKEN")))
	if r.token == "" {
		return false, usagef("--grafana needs the token of a service account: set $ACCORD_GRAFANA_TOKEN")
	}
	transport, err := prometheus.Transport(prometheus.AuthConfig{CAFile: c.auth.CAFile, CertFile: c.auth.CertFile, KeyFile: c.auth.KeyFile,
		ServerName: c.auth.ServerName, SkipVerify: c.auth.SkipVerify})
	if err != nil {
		return false, &usageError{err}
	}
	r.client = &http.Client{Transport: transport, Timeout: c.timeout,
		// A redirect leads to the login page, or to another host that must not get the token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	parsed.User, parsed.RawQuery, parsed.Fragment = nil, "", ""
	r.shown = parsed.String()
	r.base = parsed.JoinPath("api", "datasources", "uid", r.uid, "resources").String()
	return true, nil
}

// maxAnswer is the size limit of a response body, in bytes.
const maxAnswer = 64 << 20

// get decodes a resource into value. complete reports whether value then is a response of Accord.
func (r *remote) get(ctx context.Context, resource string, query url.Values, value any, complete func() bool) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+"/"+resource+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Accept", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // without the address, which the message has
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
	const foreign = "the answer of Grafana at %s is not that of this plugin: is %s the UID of an Accord data source?"
	if err := json.Unmarshal(body, value); err != nil {
		return fmt.Errorf(foreign+" (%w)", r.shown, r.uid, err)
	}
	if !complete() {
		return fmt.Errorf(foreign, r.shown, r.uid)
	}
	return nil
}

// refused returns the error for a refused request: the data source answers with error, Grafana with message.
func (r *remote) refused(response *http.Response, body []byte) error {
	var answer struct{ Error, Message string }
	_ = json.Unmarshal(body, &answer) // both stay empty if it is not JSON
	status := fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode))
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized:
		return fmt.Errorf("the Grafana at %s does not know the token (%s): it is that of a service account, not expired, of this Grafana and organization", r.shown, status)
	case code == http.StatusForbidden:
		return fmt.Errorf("the token may not query the data source %s (%s): its service account needs the role Viewer, and the permission to query this data source", r.uid, status)
	case answer.Error != "" && (code == http.StatusBadRequest || code == http.StatusNotFound):
		return usagef("%s", answer.Error)
	case answer.Error != "":
		return errors.New(answer.Error)
	case code == http.StatusNotFound && answer.Message != "", answer.Message == "Unable to load datasource meta data": // with status 500
		return fmt.Errorf("the Grafana at %s has no data source with the UID %q (%s: %s)", r.shown, r.uid, status, answer.Message)
	case code >= 300 && code < 400:
		return fmt.Errorf("the Grafana at %s redirects to %s: give that address, or the token is not accepted there", r.shown, response.Header.Get("Location"))
	case answer.Message != "":
		return fmt.Errorf("the Grafana at %s answered %s: %s", r.shown, status, answer.Message)
	}
	return fmt.Errorf("the Grafana at %s answered %s: is that the address of a Grafana, with its path if it has one, and %s the UID of an Accord data source?", r.shown, status, r.uid)
}

// warnLeftOut warns about the errors in the documents of the data source.
func (s *session) warnLeftOut() {
	if s.leftOut > 0 {
		s.warnf("%s in the documents of the data source, which are left out", tables.Plural(s.leftOut, "error"))
	}
}

func (d *definitions) query(command *cobra.Command, at time.Time) url.Values {
	query := url.Values{"agreement": slices.Compact(slices.Sorted(slices.Values(d.names)))}
	if command.Flags().Changed("at") {
		query.Set("at", at.Format(time.RFC3339Nano))
	}
	return query
}
