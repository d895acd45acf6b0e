package httpapi

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/measure"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// StatementList is the statements that are kept, and what may be frozen.
type StatementList struct {
	// MayFreeze says that whoever asks may freeze, Reason why not.
	MayFreeze  bool              `json:"mayFreeze"`
	Reason     string            `json:"reason,omitempty"`
	Statements []statement.Entry `json:"statements"`
	// Unfrozen are the agreements without a statement of the period that was
	// asked for.
	Unfrozen []Unfrozen `json:"unfrozen"`
}

// Unfrozen is an agreement that has no statement of a period.
type Unfrozen struct {
	Agreement string `json:"agreement"`
	// Closed says that it can be frozen, Reason why not.
	Closed bool   `json:"closed"`
	Reason string `json:"reason,omitempty"`
}

// statements answers about the kept statements, and freezes others.
type statements struct {
	archive *statement.Archive
	engine  *measure.Service
	users   users
	now     func() time.Time
}

func (s statements) list(r *http.Request, c *catalog.Catalog) (any, error) {
	query := r.URL.Query()
	var period agreement.CalendarPeriod
	name, of := query.Get("period"), query.Get("agreement")
	if name != "" {
		var err error
		if period, err = agreement.ParsePeriod(name); err != nil {
			return nil, failure{http.StatusBadRequest, err}
		}
		name = period.Name()
	}
	entries, err := s.archive.List(name, of)
	if err != nil {
		return nil, err
	}
	all := StatementList{Statements: wire.List(entries), Unfrozen: []Unfrozen{}}
	_, forbidden := s.users.editor(r.Context())
	if reason := cmp.Or(forbidden, s.archive.Documents.Writable(newFile)); reason != nil {
		all.Reason = reason.Error()
	}
	all.MayFreeze = all.Reason == ""
	if name == "" {
		return all, nil
	}
	frozen := map[string]bool{}
	for _, entry := range all.Statements {
		frozen[entry.Agreement] = true
	}
	for _, a := range c.Agreements {
		if frozen[a.Name] || of != "" && a.Name != of {
			continue
		}
		missing := Unfrozen{Agreement: a.Name, Closed: true}
		if reason := statement.Check(s.engine, a, period); reason != nil {
			missing.Closed, missing.Reason = false, reason.Error()
		}
		all.Unfrozen = append(all.Unfrozen, missing)
	}
	return all, nil
}

// read returns the statement that the path names, and its text.
func (s statements) read(r *http.Request) (*statement.Statement, []byte, error) {
	number := 0
	if text := r.URL.Query().Get("number"); text != "" {
		var err error
		if number, err = strconv.Atoi(text); err != nil || number < 1 {
			return nil, nil, badRequest("number %q: must be 1, 2, … for the first statement, its restatement, …", text)
		}
	}
	return s.archive.Read(r.PathValue("period"), r.PathValue("agreement"), number)
}

// print answers with a statement in one of its forms.
func (s statements) print(r *http.Request) (any, error) {
	one, text, err := s.read(r)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	var contentType, extension string
	all := []*statement.Statement{one}
	switch format := r.URL.Query().Get("format"); format {
	case "", "json":
		contentType, extension = "application/json", "json"
		out.Write(text)
	case "html":
		contentType, extension = "text/html; charset=utf-8", "html"
		err = tables.WriteStatementHTML(&out, all)
	case "csv":
		contentType, extension = "text/csv; charset=utf-8", "csv"
		err = tables.WriteStatementCSV(&out, all)
	case "markdown":
		contentType, extension = "text/markdown; charset=utf-8", "md"
		err = tables.WriteStatementMarkdown(&out, all)
	default:
		return nil, badRequest("format %q: must be one of json, html, csv, markdown", format)
	}
	name := fmt.Sprintf("%s-%s-%d.%s", one.Agreement, one.Period.Name, one.Number, extension)
	return response{text: out.Bytes(), header: map[string]string{
		"Content-Type":            contentType,
		"Content-Disposition":     fmt.Sprintf("inline; filename=%q", name),
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals",
	}}, err
}

// verify checks a kept statement against the documents and Prometheus.
func (s statements) verify(r *http.Request, c *catalog.Catalog) (any, error) {
	kept, _, err := s.read(r)
	if err != nil {
		return nil, err
	}
	today := statement.Today{Engine: s.engine}
	if i := slices.IndexFunc(c.Agreements, func(a *agreement.Agreement) bool { return a.Name == kept.Agreement }); i >= 0 {
		today.Agreement = c.Agreements[i]
	}
	return statement.Verify(r.Context(), kept, &today)
}

// freezeRequest is the body of a request to freeze.
type freezeRequest struct {
	Agreement string `json:"agreement"`
	Period    string `json:"period"`
	// Restate makes a statement that replaces the last one, for the reason.
	Restate bool   `json:"restate"`
	Reason  string `json:"reason"`
}

// maxFreezeRequest is the longest request to freeze, in bytes.
const maxFreezeRequest = 16 << 10

func (s statements) freeze(r *http.Request, c *catalog.Catalog) (any, error) {
	user, err := s.users.editor(r.Context())
	if err != nil {
		return nil, err
	}
	var asked freezeRequest
	err = decodeBody(r, maxFreezeRequest, &asked, func(err error) error {
		return fmt.Errorf(`the request must be JSON such as {"agreement": "payments-for-checkout", "period": "2026-10"}: %w`, err)
	})
	if err != nil {
		return nil, err
	}
	period, err := agreement.ParsePeriod(asked.Period)
	if err != nil {
		return nil, failure{http.StatusBadRequest, err}
	}
	found, err := find(c.All(), asked.Agreement)
	if err != nil {
		return nil, err
	}
	if found[0].Provider == "" {
		return nil, refuse(http.StatusUnprocessableEntity,
			"%s is an SLO that no agreement names: a statement is about what one team promised another", asked.Agreement)
	}
	if err := s.archive.Documents.Writable(newFile); err != nil {
		return nil, err
	}
	frozen, err := s.archive.Freeze(r.Context(), s.engine, found[0], period,
		statement.Order{By: user.Login, Restate: asked.Restate, Reason: asked.Reason, Now: s.now()})
	if err != nil {
		return nil, err
	}
	return response{status: http.StatusCreated, value: frozen.Entry()}, nil
}
