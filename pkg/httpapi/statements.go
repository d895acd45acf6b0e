package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog"
	"github.com/accord-sla/accord/pkg/catalog/document"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/parallel"
	"github.com/accord-sla/accord/pkg/statement"
	"github.com/accord-sla/accord/pkg/tables"
	"github.com/accord-sla/accord/pkg/wire"
)

// StatementList lists frozen statements.
type StatementList struct {
	Statements []statement.Entry `json:"statements"`
}

// Checked is the verification of a statement, also in words.
type Checked struct {
	statement.Verification
	// Verdict says whether the statement is verified, and what it was checked against.
	Verdict string `json:"verdict"`
	// Restated are the figures that a restatement would change.
	Restated []string `json:"restated"`
}

// Freezing is the result of freezing a period of all agreements.
type Freezing struct {
	Frozen  int         `json:"frozen"`
	Refused []NotFrozen `json:"refused"`
}

// NotFrozen is an agreement for which no statement was frozen, and why.
type NotFrozen struct {
	Agreement wire.Named `json:"agreement"`
	Error     string     `json:"error"`
}

func (h *handlers) listStatements(r *http.Request) (any, error) {
	name := r.URL.Query().Get("period")
	if name != "" {
		period, err := agreement.ParsePeriod(name)
		if err != nil {
			return nil, failure{http.StatusBadRequest, err}
		}
		name = period.Name()
	}
	entries, err := h.archive.List(name, r.URL.Query().Get("agreement"))
	return StatementList{wire.List(entries)}, err
}

// readStatement returns the statement that the path names, and its text.
func (h *handlers) readStatement(r *http.Request) (*statement.Statement, []byte, error) {
	number := 0
	if text := r.URL.Query().Get("number"); text != "" {
		var err error
		if number, err = strconv.Atoi(text); err != nil || number < 1 {
			return nil, nil, badRequest("number %q: must be 1, 2, … for the first statement, its restatement, …", text)
		}
	}
	return h.archive.Read(r.PathValue("period"), r.PathValue("agreement"), number)
}

func (h *handlers) printStatement(r *http.Request) (any, error) {
	one, text, err := h.readStatement(r)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("%s-%s-%d", one.Agreement, one.Period.Name, one.Number)
	format := cmp.Or(r.URL.Query().Get("format"), "json")
	if format == "json" {
		return printed(text, "application/json", name+".json"), nil
	}
	if err := one.CheckDigest(); err != nil {
		return nil, err
	}
	return printedText(format, "json, ", name, func(p tables.Printer) error { return p.PrintStatements([]*statement.Statement{one}) })
}

// printedText returns the output of print in the format; more lists the caller's formats for the error.
func printedText(format, more, name string, print func(tables.Printer) error) (any, error) {
	extension, ok := map[string]string{"html": ".html", "csv": ".csv", "markdown": ".md"}[format]
	if !ok {
		return nil, badRequest("format %q: must be one of %shtml, csv, markdown", format, more)
	}
	var out bytes.Buffer
	err := print(tables.Printer{Out: &out, Format: tables.Format(format)})
	return printed(out.Bytes(), "text/"+format+"; charset=utf-8", name+extension), err
}

// printed returns a file to open in a browser, which must not run anything in it.
func printed(text []byte, contentType, name string) response {
	return response{text: text, header: map[string]string{
		"Content-Type":            contentType,
		"Content-Disposition":     fmt.Sprintf("inline; filename=%q", name),
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals",
	}}
}

// verify counts the whole period again, one statement at a time. A complete result is cached for up to
// ten seconds.
func (h *handlers) verify(r *http.Request, c *catalog.Catalog) (any, error) {
	kept, text, err := h.readStatement(r)
	if err != nil {
		return nil, err
	}
	found, err := h.verified.get(r.Context(), [3]any{c, h.Present(), document.Hash(text)}, func() (*statement.Verification, bool, error) {
		found, err := statement.Verify(r.Context(), kept, statement.NewToday(h.Engine, h.archive, c, kept))
		return found, err == nil && !slices.ContainsFunc(found.Differences, func(d statement.Difference) bool { return d.Kind == statement.NotCompared }), err
	})
	if err != nil {
		return nil, err
	}
	return Checked{*found, tables.Sentence(tables.Verdict(found)), wire.Each(found.Figures, tables.FigureChangeText)}, nil
}

type freezeRequest struct {
	// Agreement is empty to freeze all that have no statement of the period and can be frozen.
	Agreement string `json:"agreement"`
	Period    string `json:"period"`
	// Restate makes a statement that replaces the last one, for the given reason.
	Restate bool   `json:"restate"`
	Reason  string `json:"reason"`
}

const maxFreezeRequest = 16 << 10

func (h *handlers) freeze(r *http.Request, user User) (any, error) {
	asked, err := decodeBody[freezeRequest](r, maxFreezeRequest)
	if err != nil {
		return nil, err
	}
	period, err := agreement.ParsePeriod(asked.Period)
	if err != nil {
		return nil, failure{http.StatusBadRequest, err}
	}
	if err := h.archive.Documents.Writable(statement.Folder); err != nil {
		return nil, err
	}
	c, err := h.Folder.Latest(r.Context())
	if err != nil {
		return nil, failure{http.StatusServiceUnavailable, err}
	}
	order := statement.Order{By: user.Login, Restate: asked.Restate, Reason: asked.Reason, Now: h.Now()}
	if asked.Agreement == "" {
		if asked.Restate || asked.Reason != "" {
			return nil, badRequest("agreement: name the one of which the period is to be restated")
		}
		return h.freezeAll(r.Context(), c, period, order)
	}
	a, err := Find(c, "", asked.Agreement)
	if err != nil {
		return nil, err
	}
	if a.NotRead == "" && a.IsSLO {
		return nil, Refuse(http.StatusUnprocessableEntity,
			"%s is an SLO that no agreement names: a statement is about what one team promised another", asked.Agreement)
	}
	frozen, err := h.archive.Freeze(r.Context(), h.Engine, a, period, order)
	if err != nil {
		return nil, err
	}
	return response{status: http.StatusCreated, value: frozen.Entry()}, nil
}

// freezeAll freezes the period of all agreements. An error for one does not stop the others.
func (h *handlers) freezeAll(ctx context.Context, c *catalog.Catalog, period agreement.CalendarPeriod, order statement.Order) (any, error) {
	var err error
	if order.Last, err = h.archive.Last(period); err != nil {
		return nil, err
	}
	open := slices.DeleteFunc(c.WithLeftOut(), func(a *agreement.Agreement) bool {
		err := statement.Check(h.Engine, a, period)
		return order.Last[a.Name] > 0 || a.IsSLO || err != nil && !editing.IsRefused(err, statement.NotRead)
	})
	done := Freezing{Refused: []NotFrozen{}}
	for i, err := range parallel.Each(ctx, parallel.Objectives, len(open), func(ctx context.Context, i int) error {
		_, err := h.archive.Freeze(ctx, h.Engine, open[i], period, order)
		return err
	}) {
		if err == nil {
			done.Frozen++
		} else {
			done.Refused = append(done.Refused, NotFrozen{nameOf(open[i]), tables.Sentence(err.Error())})
		}
	}
	return done, nil
}
