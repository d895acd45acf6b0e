package statement

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
)

// Order says who freezes, and whether to restate an existing statement.
type Order struct {
	// By is who freezes, for the statement and the audit log.
	By string
	// Restate makes a statement that replaces the last one, if there is one, for
	// the given Reason. Without it there must be none yet.
	Restate bool
	Reason  string
	// Unkept makes a statement only to be printed; it is not stored.
	Unkept bool
	// Last is the result of [Archive.Last] for the period, where many are frozen; without it the folder is read.
	Last map[string]int
	Now  time.Time
}

// Check returns an error if a restatement has no reason for both parties to read, another order has one, or it
// is too long.
func (o Order) Check() error {
	switch {
	case o.Restate && strings.TrimSpace(o.Reason) == "":
		return refuse(BadOrder, "reason: say why it is restated: the statement tells it to both parties")
	case !o.Restate && o.Reason != "":
		return refuse(BadOrder, "reason: goes with a restatement")
	case len(o.Reason) > maxReason:
		return refuse(BadOrder, "reason: has %d bytes; the limit is %d", len(o.Reason), maxReason)
	}
	return nil
}

// The reasons why there is no statement, or none can be made, besides those of package editing.
const (
	Absent                         = editing.Absent    // no such statement was frozen
	AlreadyFrozen   editing.Reason = "alreadyFrozen"   // the period was frozen before
	Unchanged       editing.Reason = "unchanged"       // a restatement would be the same
	NotClosed       editing.Reason = "notClosed"       // the period may still change
	NothingPromised editing.Reason = "nothingPromised" // the agreement was not in force
	BadOrder        editing.Reason = "badOrder"        // the order is not valid
	NotRead         editing.Reason = "notRead"         // the document of the agreement has errors
)

func refuse(reason editing.Reason, format string, args ...any) error {
	return &editing.Refusal{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

func alreadyFrozen(s *Statement) error {
	return refuse(AlreadyFrozen, "%s of %s was frozen on %s, in %s: a statement is never overwritten, but it can be restated",
		s.Period.Name, s.Agreement, s.Frozen.At.Format("2 January 2006"), s.file().path())
}

// maxReason is the longest reason of a restatement, in bytes.
const maxReason = 2000

// Freeze measures the agreement over the period and stores the statement, unless the order is Unkept. With the
// refusal [AlreadyFrozen] it returns the statement that is stored.
func (a *Archive) Freeze(ctx context.Context, e *measure.Service, of *agreement.Agreement,
	period agreement.CalendarPeriod, order Order) (*Statement, error) {
	last, err := a.last(of, period, order)
	if err == nil && !order.Unkept { // fail before anything is measured
		err = a.Documents.Writable(Folder)
	}
	if err != nil {
		return last, err
	}
	content, err := measured(ctx, e, of, period, last)
	if err == nil && last != nil {
		err = content.replace(last, order.Reason)
	}
	if err != nil {
		return nil, err
	}
	server, err := e.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	s, err := Freeze(content, Frozen{At: order.Now, By: order.By, Engine: server.String()})
	if s.Unkept = order.Unkept; err != nil || s.Unkept {
		return s, err
	}
	err = a.keep(ctx, s, order.By)
	if editing.IsRefused(err, editing.Exists) {
		if other, _, readErr := a.Read(period.Name(), of.Name, s.Number); readErr == nil {
			return other, alreadyFrozen(other)
		}
	}
	return s, err
}

// last returns the statement to restate, nil if there is none yet; one that is not to be restated with an error.
func (a *Archive) last(of *agreement.Agreement, period agreement.CalendarPeriod, order Order) (*Statement, error) {
	if err := order.Check(); err != nil {
		return nil, err
	}
	number, frozen := order.Last[of.Name]
	if order.Last != nil && !frozen {
		return nil, nil
	}
	last, _, err := a.Read(period.Name(), of.Name, number)
	if err == nil {
		err = last.CheckDigest()
	}
	switch {
	case editing.IsRefused(err, Absent):
		return nil, nil
	case err == nil && !order.Restate:
		return last, alreadyFrozen(last)
	}
	return last, err
}

// replace makes the content that of a restatement; an error if it would differ only in notes.
func (c *Content) replace(last *Statement, reason string) error {
	same := *c
	same.Number, same.Replaces, same.Objectives = last.Number, last.Replaces, slices.Clone(c.Objectives)
	for i := range same.Objectives {
		if i < len(last.Objectives) {
			same.Objectives[i].Notes = last.Objectives[i].Notes
		}
	}
	if len(changes(last.Content, same, tolerance)) == 0 {
		return refuse(Unchanged, "there is nothing to restate: measured now, statement %d of %s for %s would say the same",
			last.Number, last.Agreement, last.Period.Name)
	}
	c.Number, c.Replaces = last.Number+1, &Replaced{last.Number, last.Digest, reason}
	return nil
}
