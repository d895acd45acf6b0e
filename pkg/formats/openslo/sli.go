package openslo

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Check requires exactly one metric.
func (spec *SLISpec) Check(d *document.Document, field string) {
	switch ratio, threshold := spec.RatioMetric != nil, spec.ThresholdMetric != nil; {
	case ratio && threshold:
		d.Errorf(field, "has both thresholdMetric and ratioMetric; one of them must go")
	case !ratio && !threshold:
		d.Errorf(field, "needs thresholdMetric or ratioMetric")
	}
}

// Check reports missing and superfluous queries.
func (r *RatioMetric) Check(d *document.Document, field string) {
	if r.Raw != nil {
		if r.Good != nil || r.Bad != nil || r.Total != nil {
			d.Errorf(field, "raw is the whole ratio; good, bad and total must go")
		}
		if r.RawType == "" {
			d.OneOf(field+".rawType", "", "success", "failure")
		}
		return
	}
	if r.RawType != "" {
		d.Warnf(field+".rawType", "has no place without raw")
	}
	if r.Total == nil {
		d.Errorf(field, "needs total (with good or bad), or raw")
	}
	if (r.Good == nil) == (r.Bad == nil) {
		d.Errorf(field, "needs exactly one of good and bad")
	}
}

func (r *RatioMetric) metrics() map[string]*Metric {
	all := map[string]*Metric{"good": r.Good, "bad": r.Bad, "total": r.Total, "raw": r.Raw}
	maps.DeleteFunc(all, func(_ string, m *Metric) bool { return m == nil })
	return all
}

// Check requires a system and a query.
func (s *MetricSource) Check(d *document.Document, field string) {
	if s.Type == "" && s.MetricSourceRef == "" {
		d.Errorf(field, "needs a type, as Prometheus, or a reference to a DataSource")
	}
	if s.Spec.IsZero() {
		d.Errorf(field+".spec", "is required: it holds the query")
	}
}

// Asks reports whether this connection measures the source; a reason means that it
// does not. ok is false if that is unknown, which is then a problem of d.
type Asks func(d *document.Document, field string, source *MetricSource) (reason string, ok bool)

// BuiltSLI is an SLI with its place in a document.
type BuiltSLI struct {
	SLI      agreement.SLI
	Document *document.Document
	// Fields are the paths of its queries: good, bad, total, raw or threshold.
	Fields map[string]string
	// OtherConnection is why this connection neither measures it nor reads its queries; empty if it does.
	OtherConnection string
}

// NewSLI returns the SLI of a checked spec at field of d, or nil if a query is
// invalid, which is then a problem of d.
func NewSLI(d *document.Document, field string, metadata document.Metadata, spec *SLISpec, asks Asks) *BuiltSLI {
	built := &BuiltSLI{Document: d, Fields: map[string]string{}, SLI: agreement.SLI{
		Name: metadata.Name, DisplayName: metadata.DisplayName, Description: string(spec.Description), Place: d.At(field),
	}}
	b := sliBuilder{d: d, asks: asks, built: built, ok: true}
	if r := spec.RatioMetric; r == nil && spec.ThresholdMetric == nil {
		return nil
	} else if r == nil {
		built.SLI.Kind = agreement.Threshold
		built.SLI.Gauge = b.query(field, "thresholdMetric", spec.ThresholdMetric)
	} else if ratio := field + ".ratioMetric"; r.Raw != nil {
		built.SLI.Kind = agreement.RawSuccess
		if r.RawType == "failure" {
			built.SLI.Kind = agreement.RawFailure
		}
		built.SLI.Gauge = b.query(ratio, "raw", r.Raw)
	} else {
		built.SLI.Kind = agreement.Ratio
		built.SLI.PerPeriod = r.Counter != nil && !*r.Counter
		built.SLI.Good = b.query(ratio, "good", r.Good)
		built.SLI.Bad = b.query(ratio, "bad", r.Bad)
		built.SLI.Total = b.query(ratio, "total", r.Total)
		b.sameShape(ratio)
	}
	built.SLI.Recorded = slices.Contains(b.recorded, true)
	if built.SLI.Recorded && slices.Contains(b.recorded, false) {
		d.Errorf(field, "recorded: true must stand beside every query of the SLI, or none")
		b.ok = false
	}
	if !b.ok {
		return nil
	}
	return built
}

type sliBuilder struct {
	d     *document.Document
	asks  Asks
	built *BuiltSLI
	ok    bool
	// recorded has the field recorded of each query that was read.
	recorded []bool
}

type querySpec struct {
	Query     string          `yaml:"query,omitempty"`
	Histogram string          `yaml:"histogram,omitempty"`
	Below     document.Scalar `yaml:"below,omitempty"`
	Recorded  bool            `yaml:"recorded,omitempty"`

	PromQL     string            `yaml:"promql,omitempty"`     // the query, as Nobl9 spells it
	Dimensions document.Anything `yaml:"dimensions,omitempty"` // in published examples
}

// NewQuery returns the spec of a metric source with the query.
func NewQuery(of *agreement.Query, recorded bool) document.Raw {
	spec := querySpec{Query: of.Expr, Histogram: of.Histogram, Recorded: recorded}
	if of.Below != 0 {
		spec.Below = document.Scalar{Text: strconv.FormatFloat(of.Below, 'g', -1, 64), IsNumber: true}
	}
	return document.RawOf(spec)
}

func (b *sliBuilder) query(of, name string, m *Metric) *agreement.Query {
	if m == nil || m.MetricSource.Spec.IsZero() {
		b.ok = b.ok && m == nil
		return nil
	}
	source := of + "." + name + ".metricSource"
	reason, ok := b.asks(b.d, source, &m.MetricSource)
	if !ok || reason != "" {
		b.ok = b.ok && ok
		b.built.OtherConnection = reason
		return nil
	}
	var spec querySpec
	at := source + ".spec"
	if !b.d.DecodeRaw(m.MetricSource.Spec, &spec) {
		b.ok = false
		return nil
	}
	query := &agreement.Query{Expr: strings.TrimSpace(cmp.Or(spec.Query, spec.PromQL)), Histogram: strings.TrimSpace(spec.Histogram)}
	if spec.Dimensions.Present {
		b.d.Warnf(at+".dimensions", "has no place: the query says what is counted, and groupBy of an agreement's objective by what")
	}
	errors := len(b.d.Problems())
	switch {
	case spec.Query != "" && spec.PromQL != "":
		b.d.Errorf(at, "has both query and promql; one of them must go")
	case query.Expr != "" && query.Histogram != "":
		b.d.Errorf(at, "has both query and histogram; one of them must go")
	case query.Histogram != "":
		query.Below = b.below(at, spec.Below, name)
		at += ".histogram"
	case query.Expr == "":
		b.d.Errorf(at, "needs a query in PromQL, or a native histogram")
	case spec.Below != (document.Scalar{}):
		b.d.Errorf(at+".below", "goes with histogram; a query says the bound itself, as le=\"0.3\"")
	case spec.PromQL != "":
		at += ".promql"
	default:
		at += ".query"
	}
	b.ok = b.ok && len(b.d.Problems()) == errors
	b.recorded = append(b.recorded, spec.Recorded)
	query.Place = b.d.At(at)
	b.built.Fields[strings.TrimSuffix(name, "Metric")] = at
	return query
}

// below returns the bound of a native histogram, in seconds if it is written as a
// duration, else in the histogram's own unit.
func (b *sliBuilder) below(field string, bound document.Scalar, name string) float64 {
	stated := bound != (document.Scalar{})
	switch {
	case name == "total" && stated:
		b.d.Errorf(field+".below", "total is all observations; below belongs to good")
	case name == "total":
	case name == "bad":
		b.d.Errorf(field+".histogram", "a native histogram gives good (with below) and total, it cannot be bad")
	case name != "good":
		b.d.Errorf(field+".histogram", "a native histogram gives good (with below) and total, it cannot be a gauge")
	case !stated:
		b.d.Errorf(field+".below", "is required: the bound up to which an observation is good, as 300ms")
	default:
		if value, ok := bound.Number(); ok {
			return value
		}
		length, _ := b.d.Duration(field+".below", bound.Text)
		return length.Seconds()
	}
	return 0
}

// sameShape refuses good events of a histogram with a total of a query, and vice versa.
func (b *sliBuilder) sameShape(field string) {
	counted, all := b.built.SLI.Good, b.built.SLI.Total
	if !b.ok || counted == nil || all == nil || (counted.Histogram == "") == (all.Histogram == "") {
		return
	}
	b.ok = false
	b.d.Errorf(field, "good and total must both be histograms, or both queries")
}
