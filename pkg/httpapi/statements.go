package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
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

func (o Options) statements(r *http.Request) (any, error) {
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	query := r.URL.Query()
	var period agreement.CalendarPeriod
	name, of := query.Get("period"), query.Get("agreement")
	if name != "" {
		if period, err = agreement.ParsePeriod(name); err != nil {
			return nil, failure{http.StatusBadRequest, err}
		}
		name = period.Name()
	}
	all := StatementList{Unfrozen: []Unfrozen{}}
	if all.Statements, err = o.archive.List(name, of); err != nil {
		return nil, err
	}
	all.Statements = list(all.Statements)
	_, forbidden := o.editor(r.Context())
	if why := errors.Join(forbidden, o.Folder.Writable("new.yaml")); why != nil {
		all.Reason = why.Error()
		if forbidden != nil {
			all.Reason = forbidden.Error()
		}
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
		if why := statement.Check(o.Engine, a, period); why != nil {
			missing.Closed, missing.Reason = false, why.Error()
		}
		all.Unfrozen = append(all.Unfrozen, missing)
	}
	return all, nil
}

// kept is the statement that the path names.
func (o Options) kept(r *http.Request) (*statement.Statement, []byte, error) {
	number := 0
	if text := r.URL.Query().Get("number"); text != "" {
		var err error
		if number, err = strconv.Atoi(text); err != nil || number < 1 {
			return nil, nil, failure{http.StatusBadRequest, fmt.Errorf("number %q: must be 1, 2, … for the first statement, its restatement, …", text)}
		}
	}
	s, text, err := o.archive.Read(r.PathValue("period"), r.PathValue("agreement"), number)
	return s, text, statementFailure(err)
}

// printed is a statement in one of its forms.
type printed struct {
	contentType, name string
	text              []byte
}

func (p printed) respond(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", p.contentType)
	header.Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", p.name))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals")
	_, _ = w.Write(p.text) // whoever asked may have gone
}

func (o Options) statement(r *http.Request) (any, error) {
	s, text, err := o.kept(r)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s-%s-%d", s.Agreement, s.Period.Name, s.Number)
	var out bytes.Buffer
	switch format := r.URL.Query().Get("format"); format {
	case "", "json":
		return printed{"application/json", name + ".json", text}, nil
	case "html":
		err = tables.WriteStatementHTML(&out, []*statement.Statement{s})
		return printed{"text/html; charset=utf-8", name + ".html", out.Bytes()}, err
	case "csv":
		err = tables.WriteStatementCSV(&out, []*statement.Statement{s})
		return printed{"text/csv; charset=utf-8", name + ".csv", out.Bytes()}, err
	case "markdown":
		err = tables.WriteStatementMarkdown(&out, []*statement.Statement{s})
		return printed{"text/markdown; charset=utf-8", name + ".md", out.Bytes()}, err
	default:
		return nil, failure{http.StatusBadRequest, fmt.Errorf("format %q: must be one of json, html, csv, markdown", format)}
	}
}

// verifyStatement checks a kept statement against the documents and Prometheus.
func (o Options) verifyStatement(r *http.Request) (any, error) {
	s, _, err := o.kept(r)
	if err != nil {
		return nil, err
	}
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	today := &statement.Today{Engine: o.Engine}
	for _, a := range c.Agreements {
		if a.Name == s.Agreement {
			today.Agreement = a
		}
	}
	return statement.Verify(r.Context(), s, today)
}

// freezing is the body of a request to freeze.
type freezing struct {
	Agreement string `json:"agreement"`
	Period    string `json:"period"`
	// Restate makes a statement that replaces the last one, for the reason.
	Restate bool   `json:"restate"`
	Reason  string `json:"reason"`
}

func (o Options) freeze(r *http.Request) (any, error) {
	user, err := o.editor(r.Context())
	if err != nil {
		return nil, err
	}
	asked, err := readFreezing(r)
	if err != nil {
		return nil, err
	}
	period, err := agreement.ParsePeriod(asked.Period)
	if err != nil {
		return nil, failure{http.StatusBadRequest, err}
	}
	c, err := o.Catalog(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	found, err := named(c, []string{asked.Agreement})
	if err != nil {
		return nil, err
	}
	if found[0].Provider == "" {
		return nil, failure{http.StatusUnprocessableEntity, fmt.Errorf("%s is an SLO that no agreement names: a statement is about what one team promised another", asked.Agreement)}
	}
	if err := o.Folder.Writable("new.yaml"); err != nil {
		return nil, err
	}
	s, err := o.archive.Freeze(r.Context(), o.Engine, found[0], period,
		statement.Order{By: user.Login, Restate: asked.Restate, Reason: asked.Reason, Now: o.Now()})
	if err != nil {
		return nil, statementFailure(err)
	}
	return frozen{s.Entry()}, nil
}

// maxFreezing is the longest request to freeze, in bytes.
const maxFreezing = 16 << 10

func readFreezing(r *http.Request) (asked freezing, err error) {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxFreezing))
	if err != nil {
		return asked, failure{http.StatusRequestEntityTooLarge, fmt.Errorf("the request is longer than %d bytes, the limit", maxFreezing)}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return asked, failure{http.StatusBadRequest, fmt.Errorf(`the request must be JSON such as {"agreement": "payments-for-checkout", "period": "2026-10"}: %w`, err)}
	}
	return asked, nil
}

// frozen is a statement that was frozen.
type frozen struct{ statement.Entry }

func (f frozen) respond(w http.ResponseWriter) { write(w, http.StatusCreated, f.Entry) }

// statementFailure gives what goes wrong with statements its status.
func statementFailure(err error) error {
	var absent *statement.AbsentError
	var already *statement.FrozenError
	var unchanged *statement.UnchangedError
	var exists *editing.ExistsError
	var open *statement.NotClosedError
	var nothing *statement.NothingPromisedError
	switch {
	case errors.As(err, &absent):
		return failure{http.StatusNotFound, err}
	case errors.As(err, &already), errors.As(err, &unchanged), errors.As(err, &exists):
		return failure{http.StatusConflict, err}
	case errors.As(err, &open), errors.As(err, &nothing):
		return failure{http.StatusUnprocessableEntity, err}
	}
	return err
}
