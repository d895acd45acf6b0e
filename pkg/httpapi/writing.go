package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/editing"
)

// User is who asks, as Grafana tells it.
type User struct {
	Login string
	// Email is empty when it is not known.
	Email string
	// Role is Viewer, Editor or Admin.
	Role string
}

// editor is the user, if they may propose and write: an Editor or an Admin who
// is signed in. Nobody else is, whatever the page shows.
func (o Options) editor(ctx context.Context) (User, error) {
	var user User
	if o.User != nil {
		user = o.User(ctx)
	}
	switch {
	case user.Login == "":
		return user, failure{http.StatusForbidden, errors.New("nobody is signed in: only Editors and Admins propose and change documents")}
	case user.Role != "Editor" && user.Role != "Admin":
		return user, failure{http.StatusForbidden, fmt.Errorf("you may read the documents, and not propose or change any: that takes the role Editor or Admin, and %s has the role %q", user.Login, user.Role)}
	}
	return user, nil
}

// admin is the user, if they may set the data source up.
func (o Options) admin(ctx context.Context) (User, error) {
	var user User
	if o.User != nil {
		user = o.User(ctx)
	}
	if user.Login == "" || user.Role != "Admin" {
		return user, failure{http.StatusForbidden, errors.New("that takes the role Admin")}
	}
	return user, nil
}

// maxProposal is the longest text that is taken, in bytes.
const maxProposal = 1 << 20

// yamlTypes are what YAML is sent as; sending none is fine, too.
var yamlTypes = []string{"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/plain"}

// typed is the body of a request: YAML as somebody typed it.
func typed(r *http.Request) ([]byte, error) {
	if header := r.Header.Get("Content-Type"); header != "" {
		media, _, err := mime.ParseMediaType(header)
		if err != nil || !slices.Contains(yamlTypes, media) {
			return nil, failure{http.StatusUnsupportedMediaType, fmt.Errorf("Content-Type %q: documents are sent as YAML, application/yaml", header)}
		}
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxProposal))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, failure{http.StatusRequestEntityTooLarge, fmt.Errorf("the documents are longer than %d bytes, the limit", maxProposal)}
	case err != nil:
		return nil, failure{http.StatusBadRequest, fmt.Errorf("the documents cannot be read: %w", err)}
	}
	return text, nil
}

// condition reads If-Match and If-None-Match.
func condition(r *http.Request) (editing.Condition, error) {
	var when editing.Condition
	switch none := strings.TrimSpace(r.Header.Get("If-None-Match")); none {
	case "":
	case "*":
		when.New = true
	default:
		return when, failure{http.StatusBadRequest, fmt.Errorf("If-None-Match %s: only * is known, for a document that must be new", none)}
	}
	for _, tag := range strings.Split(r.Header.Get("If-Match"), ",") {
		hash := strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`)
		switch {
		case hash == "*":
			return when, failure{http.StatusBadRequest, errors.New("If-Match *: give the hash of the document that you have read, so that nobody's change is lost")}
		case hash != "":
			when.Hashes = append(when.Hashes, hash)
		}
	}
	if when.New && len(when.Hashes) > 0 {
		return when, failure{http.StatusBadRequest, errors.New("If-Match is for a document that is there, If-None-Match for a new one: send one of them")}
	}
	return when, nil
}

// refused is the body of an answer to a change that was not made.
type refused struct {
	Error    string            `json:"error"`
	Problems []catalog.Problem `json:"problems,omitempty"`
	// Hash is the document's as it is now.
	Hash string `json:"hash,omitempty"`
}

var refusals = map[editing.Reason]int{
	editing.Absent:        http.StatusNotFound,
	editing.Changed:       http.StatusPreconditionFailed,
	editing.Unconditional: http.StatusPreconditionRequired,
	editing.ReadOnly:      http.StatusConflict,
	editing.Invalid:       http.StatusUnprocessableEntity,
}

// writeRefusal answers a refused change, and reports whether err was one.
func writeRefusal(w http.ResponseWriter, err error) bool {
	var r *editing.Refusal
	if !errors.As(err, &r) {
		return false
	}
	if r.Hash != "" {
		w.Header().Set("ETag", etag(r.Hash))
	}
	write(w, refusals[r.Reason], refused{r.Message, r.Problems, r.Hash})
	return true
}

func etag(hash string) string { return `"` + hash + `"` }
