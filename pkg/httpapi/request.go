package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/problem"
	"github.com/accord-sla/accord/pkg/wire"
)

// User is the user of a request.
type User = editing.User

func (o Options) user(ctx context.Context) User {
	if o.User == nil {
		return User{}
	}
	return o.User(ctx)
}

// editor returns the user if they may propose and write documents, regardless of what the page shows.
func (o Options) editor(ctx context.Context) (User, error) {
	user := o.user(ctx)
	switch {
	case user.Login == "":
		return user, Refuse(http.StatusForbidden, "Sign in to change documents: nobody is signed in, and each change has the name of an Editor or an Admin")
	case user.Role != "Editor" && user.Role != "Admin":
		return user, Refuse(http.StatusForbidden,
			"you may read the documents, and not propose or change any: that takes the role Editor or Admin, and %s has the role %q", user.Login, user.Role)
	}
	return user, nil
}

// checkAdmin returns an error unless the user is an Admin.
func (o Options) checkAdmin(ctx context.Context) error {
	switch user := o.user(ctx); {
	case user.Login == "":
		return Refuse(http.StatusForbidden, "Sign in: nobody is signed in, and that takes the role Admin")
	case user.Role != "Admin":
		return Refuse(http.StatusForbidden, "that takes the role Admin")
	}
	return nil
}

// maxProposal is the maximum length of a text, in bytes.
const maxProposal = 1 << 20

// yamlTypes are the media types that are accepted for YAML. The header may also be missing.
var yamlTypes = []string{"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"}

// readYAML reads a body that must be YAML, without parsing it.
func readYAML(r *http.Request) ([]byte, error) {
	if header := r.Header.Get("Content-Type"); header != "" {
		media, _, err := mime.ParseMediaType(header)
		if err != nil || !slices.Contains(yamlTypes, media) {
			return nil, Refuse(http.StatusUnsupportedMediaType, "Content-Type %q: documents are sent as YAML, application/yaml", header)
		}
	}
	return readBody(r, maxProposal, "documents as YAML")
}

// readBody reads a body of at most limit bytes. An empty one is an error, which names the content.
func readBody(r *http.Request, limit int64, content string) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	_, tooLong := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLong:
		return nil, Refuse(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes, the limit", limit)
	case err != nil:
		return nil, badRequest("the body cannot be read: %w", err)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, badRequest("the body is missing: send %s in it, see openapi.json", content)
	}
	return text, nil
}

// decodeBody decodes JSON of at most limit bytes. Unknown fields and trailing data are errors.
func decodeBody[T any](r *http.Request, limit int64) (body T, err error) {
	text, err := readBody(r, limit, "JSON")
	if err != nil {
		return body, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err = decoder.Decode(&body); err == nil {
		if _, after := decoder.Token(); after != io.EOF {
			err = errors.New("something follows the JSON")
		}
	}
	if err != nil {
		return body, badRequest("the body must be JSON, see openapi.json: %w", err)
	}
	return body, nil
}

func condition(r *http.Request) (when editing.Condition, err error) {
	switch none := strings.TrimSpace(r.Header.Get("If-None-Match")); none {
	case "":
	case "*":
		when.New = true
	default:
		return when, badRequest("If-None-Match %s: only * is known, for a document that must be new", none)
	}
	when.Hash = strings.Trim(strings.TrimPrefix(strings.TrimSpace(r.Header.Get("If-Match")), "W/"), `"`)
	switch {
	case when.Hash == "*":
		return when, badRequest("If-Match *: give the hash of the document that you have read, so that nobody's change is lost")
	case when.New && when.Hash != "":
		return when, badRequest("If-Match is for a document that is there, If-None-Match for a new one: send one of them")
	}
	return when, nil
}

// readInstant reads a parameter, which is optional if at has a default.
func readInstant(query url.Values, name string, at *time.Time) error {
	text := query.Get(name)
	if text == "" && !at.IsZero() {
		return nil
	}
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return badRequest("%s %q: must be an instant such as 2026-11-23T09:00:00Z", name, text)
	}
	*at = parsed
	return nil
}

// readSpan reads the parameters from and to, with defaults in span. Without defaults both are required.
func readSpan(query url.Values, span wire.Span) (wire.Span, error) {
	err := cmp.Or(readInstant(query, "from", &span.From), readInstant(query, "to", &span.To))
	span = wire.Span{From: span.From.UTC(), To: span.To.UTC()}
	if err == nil && !span.From.Before(span.To) {
		err = badRequest("to %s: must be after from, %s", span.To.Format(time.RFC3339), span.From.Format(time.RFC3339))
	}
	return span, err
}

// Find returns the agreement, or the SLO that no agreement names, by name, also if it is left out. Where
// both have the name, it is the one of the kind, by default the agreement.
func Find(c *catalog.Catalog, kind, name string) (*agreement.Agreement, error) {
	named := c.Named
	switch kind {
	case "SLO":
		named = c.NamedSLO
	case "", "Agreement":
	default:
		return nil, badRequest("kind %q: must be Agreement or SLO", kind)
	}
	if a := named(name); a != nil {
		return a, nil
	}
	names := wire.Each(c.WithLeftOut(), func(a *agreement.Agreement) string { return a.Name })
	return nil, Refuse(http.StatusNotFound, "there is no agreement %q%s", name, problem.DidYouMean(name, names))
}

// findRead is like Find, but fails if the agreement is left out.
func findRead(c *catalog.Catalog, kind, name string) (*agreement.Agreement, error) {
	a, err := Find(c, kind, name)
	if err == nil && a.NotRead != "" {
		err = Refuse(http.StatusConflict, "%s is %s", a.Name, a.NotRead)
	}
	return a, err
}

// findObjective returns the objective with the name; "" means the only one.
func findObjective(a *agreement.Agreement, name string) (*agreement.Objective, error) {
	names := a.ObjectiveNames()
	switch i := slices.Index(names, name); {
	case i >= 0:
		return a.Objectives[i], nil
	case name == "" && len(names) == 1:
		return a.Objectives[0], nil
	case name == "":
		return nil, badRequest("objective: %s has several, name one of %s", a.Name, strings.Join(names, ", "))
	}
	return nil, Refuse(http.StatusNotFound, "%s has no objective %q%s", a.Name, name, problem.DidYouMean(name, names))
}
