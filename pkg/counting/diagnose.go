package counting

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/accord-sla/accord/pkg/prometheus"
	"github.com/accord-sla/accord/pkg/sli"
	"github.com/accord-sla/accord/pkg/slots"
)

// diagnosed is how far back a diagnosis looks.
const diagnosed = 24 * time.Hour

// diagnose looks behind what came back empty: a bucket bound that no series
// has is an error, never «all is bad»; a select that matches nothing where the
// SLI without it has series is a reason for no data.
func (s *Service) diagnose(ctx context.Context, t *task, r *Result) (missing string, err error) {
	measured := r.measured()
	switch {
	case t.recording != nil && !measured:
		return t.notRecorded(), nil
	case t.recording != nil || t.isGauge():
		return "", nil
	}
	for _, term := range t.plan.Terms() {
		if err := s.checkBound(ctx, t, r, term, measured); err != nil {
			return "", err
		}
	}
	if measured {
		return "", nil
	}
	for _, term := range t.plan.Total {
		query, ok := term.WithoutSelectQuery(diagnosed)
		if !ok {
			continue
		}
		values, err := s.labelValues(ctx, query, "", r.To)
		if err != nil {
			return "", err
		}
		if len(values) > 0 {
			return fmt.Sprintf("select %s matches no series, though the SLI without it has some", selectText(t.objective.Select)), nil
		}
	}
	return "no series match the total query", nil
}

// notRecorded says why there are no recorded counts to read.
func (t *task) notRecorded() string {
	return fmt.Sprintf("no slot counts are recorded as %s: load the rules of `accord export rules` into Prometheus, anew when the definition has changed",
		t.recording.Selector(sli.RecordedTotal, t.resolution))
}

// checkBound asks once per record whether the histogram has the bucket bound
// of the term, if it is a bucket. Where the total was measured but no bucket is
// found of late, all that was read is looked through: a bucket that never was
// there must not make all bad.
func (s *Service) checkBound(ctx context.Context, t *task, r *Result, term sli.Term, measured bool) error {
	for _, length := range []time.Duration{diagnosed, r.To.Sub(r.From)} {
		query, asked, ok := term.Bounds(length)
		if !ok {
			return nil
		}
		key := t.key + " " + term.String()
		if _, checked := s.bounds.Load(key); checked {
			return nil
		}
		bounds, err := s.labelValues(ctx, query, "le", r.To)
		switch {
		case err != nil:
			return err
		case slices.ContainsFunc(asked, func(le string) bool { return bounds[le] }):
			s.bounds.Store(key, true)
			return nil
		case len(bounds) > 0:
			sorted := slices.SortedFunc(maps.Keys(bounds), func(a, b string) int { return cmp.Compare(parsed(a), parsed(b)) })
			return fmt.Errorf("no bucket has le=%q; the bounds there are: %s", asked[0], strings.Join(sorted, ", "))
		case !measured:
			return nil // no series at all, so no bounds to report
		}
	}
	return fmt.Errorf("no series match the bucket %s, though there are some of the total: check its name and labels", term.Selector())
}

// labelValues are the values that a label has in the answer to a query; one that
// is empty for series without the label.
func (s *Service) labelValues(ctx context.Context, query, label string, at time.Time) (map[string]bool, error) {
	values := map[string]bool{}
	_, err := s.client.Query(ctx, query, at, prometheus.SinkFunc(func(labels map[string]string) (func(int64, float64), error) {
		values[labels[label]] = true
		return nil, nil
	}))
	return values, err
}

func parsed(bound string) float64 {
	value, _ := strconv.ParseFloat(bound, 64)
	return value
}

func selectText(labels map[string]string) string {
	return "{" + strings.ReplaceAll(slots.GroupKey(labels), ",", ", ") + "}"
}
