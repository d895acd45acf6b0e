package statement

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/editing"
	"github.com/accord-sla/accord/pkg/measure"
)

// Order is who freezes, and whether a statement that is there already is to be
// restated.
type Order struct {
	// By is who freezes, for the statement and the audit log.
	By string
	// Restate makes a statement that replaces the last one, for the Reason
	// given. Without it there must be none yet.
	Restate bool
	Reason  string
	Now     time.Time
}

// FrozenError says that the period was frozen before.
type FrozenError struct{ Entry Entry }

// Error names the statement, and when it was frozen.
func (e *FrozenError) Error() string {
	return fmt.Sprintf("%s of %s was frozen on %s, in %s: a statement is never overwritten, but it can be restated",
		e.Entry.Period, e.Entry.Agreement, e.Entry.FrozenAt.Format("2 January 2006"), e.Entry.File)
}

// UnchangedError says that a restatement would say the same.
type UnchangedError struct{ Entry Entry }

// Error names the statement that stands.
func (e *UnchangedError) Error() string {
	return fmt.Sprintf("there is nothing to restate: measured now, statement %d of %s for %s would say the same", e.Entry.Number, e.Entry.Agreement, e.Entry.Period)
}

// maxReason is the longest reason of a restatement, in bytes.
const maxReason = 2000

// Freeze measures the agreement over the period and keeps its statement.
func (a *Archive) Freeze(ctx context.Context, e *measure.Service, of *agreement.Agreement, period agreement.CalendarPeriod, order Order) (*Statement, error) {
	last, err := a.last(of, period, order)
	if err != nil {
		return nil, err
	}
	if err := a.Documents.Writable("new.yaml"); err != nil { // said before anything is measured
		return nil, err
	}
	s, err := draw(ctx, e, of, period, order, last)
	if err != nil {
		return nil, err
	}
	_, err = a.Keep(s, order.By)
	var first *editing.ExistsError
	if errors.As(err, &first) {
		if other, _, readErr := a.Read(period.Name(), of.Name, s.Number); readErr == nil {
			return nil, &FrozenError{other.Entry()}
		}
	}
	return s, err
}

// Draw measures the agreement over the period and makes its statement, without
// keeping it.
func (a *Archive) Draw(ctx context.Context, e *measure.Service, of *agreement.Agreement, period agreement.CalendarPeriod, order Order) (*Statement, error) {
	last, err := a.last(of, period, order)
	if err != nil {
		return nil, err
	}
	return draw(ctx, e, of, period, order, last)
}

// last is the statement to be restated, nil when there is none yet.
func (a *Archive) last(of *agreement.Agreement, period agreement.CalendarPeriod, order Order) (*Statement, error) {
	if len(order.Reason) > maxReason {
		return nil, fmt.Errorf("the reason has %d bytes; the limit is %d", len(order.Reason), maxReason)
	}
	last, _, err := a.Read(period.Name(), of.Name, 0)
	var absent *AbsentError
	switch {
	case errors.As(err, &absent):
		return nil, nil
	case err == nil && !order.Restate:
		return nil, &FrozenError{last.Entry()}
	}
	return last, err
}

func draw(ctx context.Context, e *measure.Service, of *agreement.Agreement, period agreement.CalendarPeriod, order Order, last *Statement) (*Statement, error) {
	content, err := Measure(ctx, e, of, period)
	if err != nil {
		return nil, err
	}
	if last != nil {
		if err := content.replace(last, order.Reason); err != nil {
			return nil, err
		}
	}
	server, err := e.Capabilities(ctx)
	if err != nil {
		return nil, err
	}
	return Freeze(content, Frozen{At: order.Now, By: order.By, Engine: strings.TrimSpace(server.Name + " " + server.Version)})
}

// replace makes the content that of a restatement, unless it says the same.
func (c *Content) replace(last *Statement, reason string) error {
	same := *c
	same.Number, same.Replaces = last.Number, last.Replaces
	found, err := changes(last.Content, same, tolerance)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return &UnchangedError{last.Entry()}
	}
	c.Number, c.Replaces = last.Number+1, &Replaced{last.Number, last.Digest, reason}
	return nil
}
