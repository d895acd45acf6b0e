package openslo

import (
	"github.com/accord-sla/accord/pkg/agreement"
	"github.com/accord-sla/accord/pkg/catalog/document"
)

// Documents without rules beyond those of their spec. The connection details of a
// DataSource are for another program and never stored.
type (
	Service = document.Of[struct {
		Description Description `yaml:"description,omitempty"`
	}]
	DataSource              = document.Of[DataSourceSpec]
	SLI                     = document.Of[SLISpec]
	AlertPolicy             = document.Of[AlertPolicySpec]
	AlertCondition          = document.Of[AlertConditionSpec]
	AlertNotificationTarget = document.Of[AlertNotificationTargetSpec]
)

// DataSourceSpec names the kind of system that is queried.
type DataSourceSpec struct {
	Description       Description       `yaml:"description,omitempty"`
	Type              string            `yaml:"type,omitempty" check:"required"`
	ConnectionDetails document.Anything `yaml:"connectionDetails"`
}

// SLISpec defines what is measured: exactly one of the two metrics.
type SLISpec struct {
	Description     Description  `yaml:"description,omitempty" v1alpha:"-"`
	ThresholdMetric *Metric      `yaml:"thresholdMetric,omitempty" jsonschema_description:"A measured value, good or bad by the objective’s op and value."`
	RatioMetric     *RatioMetric `yaml:"ratioMetric,omitempty" v1alpha:"-" jsonschema_description:"Good or bad events of all events."`
}

// RatioMetric is good or bad events of all events, or a ratio that is itself recorded.
type RatioMetric struct {
	Counter *bool   `yaml:"counter,omitempty" jsonschema_description:"Whether the queries count up (default), or false: their samples are counts of a period each, and are added up."`
	Good    *Metric `yaml:"good,omitempty" jsonschema_description:"The good events."`
	Bad     *Metric `yaml:"bad,omitempty" jsonschema_description:"The bad events."`
	Total   *Metric `yaml:"total,omitempty" jsonschema_description:"All events."`
	RawType string  `yaml:"rawType,omitempty" v1alpha:"-" jsonschema:"enum=success,enum=failure" jsonschema_description:"Whether the raw ratio is of good or of bad."`
	Raw     *Metric `yaml:"raw,omitempty" v1alpha:"-" jsonschema_description:"A ratio that is itself recorded."`

	Incremental *bool `yaml:"-" v1alpha:"incremental"`
}

// Metric is one query and its source.
type Metric struct {
	MetricSource MetricSource `yaml:"metricSource,omitempty" v1alpha:",inline" v2alpha:",inline"`
}

// MetricSource names a system by type, by DataSource, or both. Spec is the
// query in the form of that system.
type MetricSource struct {
	MetricSourceRef string       `yaml:"metricSourceRef,omitempty" v1alpha:"-" v2alpha:"dataSourceRef" jsonschema_extras:"x-reference=DataSource" jsonschema_description:"The DataSource that is asked, by name."`
	Type            string       `yaml:"type,omitempty" check:"free" v1alpha:"source" v2alpha:"-" jsonschema:"enum=Prometheus" jsonschema_description:"The kind of system."`
	Spec            document.Raw `yaml:"spec,omitempty" v1alpha:"-" jsonschema_description:"For Prometheus: query, or histogram and below; recorded: true reads what rules recorded of it."`

	Query          string            `yaml:"-" v1alpha:"query"`
	QueryType      string            `yaml:"-" v1alpha:"queryType"`
	Metadata       document.Anything `yaml:"-" v1alpha:"metadata"`
	DataSourceSpec *DataSourceSpec   `yaml:"-" v2alpha:"dataSourceSpec"`
}

// Indicator is an SLI written inside another document.
type Indicator struct {
	Metadata document.Metadata `yaml:"metadata,omitempty" v1alpha:"-"`
	Spec     SLISpec           `yaml:"spec,omitempty" v1alpha:",inline"`
}

// SLO is a document of kind SLO.
type SLO struct {
	document.Head `yaml:",inline"`
	Spec          SLOSpec `yaml:"spec"`

	// IndicatorEach means that each objective has its own indicator and is measured by it alone,
	// as ratios in v1alpha. In openslo/v1 an SLO with such objectives is a composite.
	IndicatorEach bool `yaml:"-"`
}

// SLOSpec defines the targets of one SLI.
type SLOSpec struct {
	Description     Description         `yaml:"description,omitempty"`
	Service         string              `yaml:"service,omitempty" check:"required" jsonschema_extras:"x-reference=Service" jsonschema_description:"The Service that is measured, by name."`
	Indicator       *Indicator          `yaml:"indicator,omitempty" v2alpha:"sli" jsonschema_description:"What is measured, written here."`
	IndicatorRef    string              `yaml:"indicatorRef,omitempty" v1alpha:"-" v2alpha:"sliRef" jsonschema_extras:"x-reference=SLI" jsonschema_description:"What is measured: an SLI, by name."`
	TimeWindow      []TimeWindow        `yaml:"timeWindow,omitempty" v1alpha:"timeWindows" jsonschema_description:"The time over which the share of good is taken; one entry."`
	BudgetingMethod agreement.Budgeting `yaml:"budgetingMethod,omitempty" jsonschema:"enum=Occurrences,enum=Timeslices,enum=RatioTimeslices" jsonschema_description:"What is counted: events, or slices of time."`
	Objectives      []Objective         `yaml:"objectives,omitempty" least:"must hold at least one objective" jsonschema_description:"The targets."`
	AlertPolicies   []AlertPolicyUse    `yaml:"alertPolicies,omitempty" v1alpha:"-" jsonschema_description:"When whom to tell."`

	ServiceRef string `yaml:"-" v2alpha:"serviceRef"`
}

// Objective is one target of an SLO.
type Objective struct {
	DisplayName     string          `yaml:"displayName,omitempty"`
	Op              agreement.Op    `yaml:"op,omitempty" jsonschema:"enum=lte,enum=lt,enum=gte,enum=gt" jsonschema_description:"How a measured value compares with value for it to be good."`
	Value           *float64        `yaml:"value,omitempty"`
	Target          *float64        `yaml:"target,omitempty" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"The share of good, a ratio: 0.999 is 99.9%."`
	TargetPercent   *float64        `yaml:"targetPercent,omitempty" v1alpha:"-" jsonschema:"exclusiveMinimum=0,maximum=100" jsonschema_description:"The share of good in percent."`
	TimeSliceTarget *float64        `yaml:"timeSliceTarget,omitempty" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"The share of good from which a slice of time is good."`
	TimeSliceWindow document.Scalar `yaml:"timeSliceWindow,omitempty" v1alpha:"-" jsonschema_description:"The length of a slice of time, as 1m."`
	Indicator       *Indicator      `yaml:"indicator,omitempty" v1alpha:"-" v2alpha:"sli"`
	IndicatorRef    string          `yaml:"indicatorRef,omitempty" v1alpha:"-" v2alpha:"sliRef" jsonschema_description:"An SLI, by name."`
	CompositeWeight *float64        `yaml:"compositeWeight,omitempty" v1alpha:"-"`

	RatioMetrics *RatioMetric      `yaml:"-" v1alpha:"ratioMetrics"`
	Labels       map[string]string `yaml:"-" v2alpha:"labels"`
}

// TimeWindow is a rolling or a calendar window.
type TimeWindow struct {
	Duration  string    `yaml:"duration,omitempty" v1alpha:"-" jsonschema_description:"As 30d, 1M or 1w."`
	IsRolling *bool     `yaml:"isRolling,omitempty" jsonschema_description:"true: the time up to now; false: a calendar period."`
	Calendar  *Calendar `yaml:"calendar,omitempty"`

	Unit  string   `yaml:"-" v1alpha:"unit"`
	Count *float64 `yaml:"-" v1alpha:"count"`
}

// Calendar anchors a calendar window.
type Calendar struct {
	StartTime string `yaml:"startTime,omitempty" jsonschema_description:"A beginning of a period, as 2026-01-01 00:00:00."`
	TimeZone  string `yaml:"timeZone,omitempty" jsonschema_description:"An IANA name, as Europe/Berlin."`
}

// AlertPolicySpec defines when to alert, and whom to notify.
type AlertPolicySpec struct {
	Description         Description    `yaml:"description,omitempty"`
	AlertWhenNoData     *bool          `yaml:"alertWhenNoData,omitempty"`
	AlertWhenResolved   *bool          `yaml:"alertWhenResolved,omitempty"`
	AlertWhenBreaching  *bool          `yaml:"alertWhenBreaching,omitempty"`
	Conditions          []ConditionUse `yaml:"conditions,omitempty"`
	NotificationTargets []TargetUse    `yaml:"notificationTargets,omitempty"`
}

// InPlace is a part with its own kind, written inside another document.
type InPlace[Spec any] struct {
	Kind     string            `yaml:"kind,omitempty"`
	Metadata document.Metadata `yaml:"metadata,omitempty"`
	Spec     *Spec             `yaml:"spec,omitempty"`
}

// AlertPolicyUse is a policy by name, or written in place.
type AlertPolicyUse struct {
	AlertPolicyRef           string `yaml:"alertPolicyRef,omitempty" jsonschema_extras:"x-reference=AlertPolicy" jsonschema_description:"An AlertPolicy, by name."`
	InPlace[AlertPolicySpec] `yaml:",inline"`
}

// ConditionUse is a condition by name, or written in place.
type ConditionUse struct {
	ConditionRef                string `yaml:"conditionRef,omitempty" jsonschema_extras:"x-reference=AlertCondition" jsonschema_description:"An AlertCondition, by name."`
	InPlace[AlertConditionSpec] `yaml:",inline"`
}

// TargetUse is a notification target by name, or written in place.
type TargetUse struct {
	TargetRef                            string `yaml:"targetRef,omitempty" jsonschema_extras:"x-reference=AlertNotificationTarget" jsonschema_description:"An AlertNotificationTarget, by name."`
	InPlace[AlertNotificationTargetSpec] `yaml:",inline"`
}

// AlertConditionSpec is a burn rate that alerts.
type AlertConditionSpec struct {
	Description Description `yaml:"description,omitempty"`
	Severity    string      `yaml:"severity,omitempty" check:"required" jsonschema_description:"page or ticket; free in OpenSLO."`
	Condition   *BurnRate   `yaml:"condition,omitempty" check:"required"`
}

// BurnRate is a threshold of the burn rate over a lookback window.
type BurnRate struct {
	Kind           string       `yaml:"kind,omitempty" jsonschema:"enum=burnrate"`
	Op             agreement.Op `yaml:"op,omitempty" check:"required" jsonschema:"enum=lte,enum=lt,enum=gte,enum=gt"`
	Threshold      *float64     `yaml:"threshold,omitempty" check:"required" jsonschema_description:"The burn rate that alerts: 1 spends the budget exactly within the window."`
	LookbackWindow string       `yaml:"lookbackWindow,omitempty" check:"required" jsonschema_description:"Over which the burn rate is taken, as 1h."`
	AlertAfter     string       `yaml:"alertAfter,omitempty" jsonschema_description:"How long it must hold, as 5m."`
}

// AlertNotificationTargetSpec names a notification channel.
type AlertNotificationTargetSpec struct {
	Description Description `yaml:"description,omitempty"`
	Target      string      `yaml:"target,omitempty" check:"required"`
}
