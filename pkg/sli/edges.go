package sli

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/accord-sla/accord/pkg/agreement"
)

// A gauge is evaluated once a minute, so a window that was left open covers that minute: a longer one
// would carry events across the edges of exclusions, support hours and periods. In the tree it is
// rate(x[1m] anchored), the change between the last samples before the two ends of the minute;
// [withoutAnchored] writes the same for engines without that modifier.

var changes = []string{"rate", "increase", "delta"}

// fillMinutes sets windows that were left open to one minute, and reports whether it set any. It warns
// of those that it cannot set, which stay at filledWindow.
func (r *reader) fillMinutes(tree parser.Expr, kind agreement.SLIKind) (byMinute bool) {
	filled := len(r.source.filled)
	for of, path := range Nodes[*parser.Call](tree) {
		for _, arg := range of.Args {
			samples, ok := arg.(*parser.MatrixSelector)
			if !ok || samples.RangeExpr != nil || !r.leftOpen(samples) {
				continue
			}
			selector := samples.VectorSelector.(*parser.VectorSelector)
			switch isChange := slices.Contains(changes, of.Func.Name); {
			case isChange && !readsNative(selector, path):
				samples.Range, selector.Anchored = time.Minute, true
				filled--
			case !isChange && strings.HasSuffix(of.Func.Name, "_over_time") && of.Func.Name != "absent_over_time":
				samples.Range = time.Minute
				filled--
			}
		}
	}
	byMinute = filled < len(r.source.filled)
	if filled == 0 {
		return byMinute
	}
	mend := "write the range, [1m] where samples are at most 15s apart"
	if kind != agreement.Threshold {
		mend = "give the counters as good and total, which is exact, or " + mend
	}
	r.warn("its range is left open and taken as %s, so what it shows reaches that far over the edges of exclusions, support hours and periods; %s", filledWindow, mend)
	return byMinute
}

func (r *reader) leftOpen(node *parser.MatrixSelector) bool {
	place := node.PositionRange()
	return slices.ContainsFunc(r.source.filled, func(at int) bool { return int(place.Start) < at && at <= int(place.End) })
}

// readsNative reports whether a histogram function reads the selector and it is not of buckets: several
// engines cannot anchor native histograms.
func readsNative(selector *parser.VectorSelector, path []parser.Node) bool {
	return !strings.HasSuffix(newTerm(selector.LabelMatchers).Metric, "_bucket") && slices.ContainsFunc(path, func(outer parser.Node) bool {
		of, ok := outer.(*parser.Call)
		return ok && strings.HasPrefix(of.Func.Name, "histogram_")
	})
}

// withoutAnchored rewrites the anchored changes of a tree for engines of the method.
func withoutAnchored(tree parser.Expr, m Method) parser.Expr {
	return Rewrite(tree, func(node parser.Expr) parser.Expr {
		of, ok := node.(*parser.Call)
		if !ok || len(of.Args) != 1 {
			return nil
		}
		samples, ok := of.Args[0].(*parser.MatrixSelector)
		if !ok || samples.RangeExpr != nil || !samples.VectorSelector.(*parser.VectorSelector).Anchored {
			return nil
		}
		plain := *samples.VectorSelector.(*parser.VectorSelector)
		plain.Anchored = false
		samples.VectorSelector = &plain
		seconds := number(samples.Range.Seconds())
		switch {
		case m != MetricsQL && of.Func.Name == "rate":
			return &parser.ParenExpr{Expr: operation(parser.DIV, changeByOffset(samples, true), seconds)}
		case m != MetricsQL && slices.Contains(changes, of.Func.Name):
			return &parser.ParenExpr{Expr: changeByOffset(samples, of.Func.Name != "delta")}
		case of.Func.Name == "increase":
			// There rate includes the sample before its window and, unlike increase, takes
			// no first sample for events.
			return &parser.ParenExpr{Expr: operation(parser.MUL, call("rate", samples), seconds)}
		}
		return of
	})
}

// changeByOffset is the last value in the range minus the last one before it. For a counter that
// has none before, its least value in the range is subtracted, as in byOffset; after a fall the
// change is the counter's value.
func changeByOffset(samples *parser.MatrixSelector, isCounter bool) parser.Expr {
	over := func(length, ago time.Duration) *parser.MatrixSelector {
		selector := *samples.VectorSelector.(*parser.VectorSelector)
		selector.OriginalOffset += ago
		return &parser.MatrixSelector{VectorSelector: &selector, Range: length}
	}
	within := samples.Range - time.Millisecond // see byOffset
	last, before := call("last_over_time", over(within, 0)), call("last_over_time", over(lookback, samples.Range))
	if !isCounter {
		return operation(parser.SUB, last, before)
	}
	gained := operation(parser.SUB, last, operation(parser.LOR, before, call("min_over_time", over(within, 0))))
	return operation(parser.LOR, operation(parser.GTE, gained, number(0)), last)
}
