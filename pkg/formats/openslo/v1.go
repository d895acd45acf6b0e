package openslo

import "github.com/accord-sla/accord/pkg/catalog/document"

// Service is a document of kind Service.
type Service struct {
	Head `yaml:",inline"`
	Spec struct {
		Description string `yaml:"description"`
	} `yaml:"spec"`
}

// Head is what every document begins with.
type Head struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   document.Metadata `yaml:"metadata"`
}

// DataSource is a document of kind DataSource. Its connection details are
// another program's and never kept.
type DataSource struct {
	Head `yaml:",inline"`
	Spec DataSourceSpec `yaml:"spec"`
}

// DataSourceSpec names the kind of system that is asked.
type DataSourceSpec struct {
	Description       string            `yaml:"description"`
	Type              string            `yaml:"type"`
	ConnectionDetails document.Anything `yaml:"connectionDetails"`
}

// SLI is a document of kind SLI.
type SLI struct {
	Head `yaml:",inline"`
	Spec SLISpec `yaml:"spec"`
}

// SLISpec says what is measured: exactly one of the two.
type SLISpec struct {
	Description     string       `yaml:"description"`
	ThresholdMetric *Metric      `yaml:"thresholdMetric" jsonschema_description:"A measured value, good or bad by the objective’s op and value."`
	RatioMetric     *RatioMetric `yaml:"ratioMetric" jsonschema_description:"Good or bad events of all events."`
}

// RatioMetric is good or bad of total, or a ratio that is itself recorded.
type RatioMetric struct {
	Counter *bool   `yaml:"counter" jsonschema_description:"Whether the queries count up. Default: true."`
	Good    *Metric `yaml:"good" jsonschema_description:"The good events."`
	Bad     *Metric `yaml:"bad" jsonschema_description:"The bad events."`
	Total   *Metric `yaml:"total" jsonschema_description:"All events."`
	RawType string  `yaml:"rawType" jsonschema:"enum=success,enum=failure" jsonschema_description:"Whether the raw ratio is of good or of bad."`
	Raw     *Metric `yaml:"raw" jsonschema_description:"A ratio that is itself recorded."`
}

// Metric is one query and where it is asked.
type Metric struct {
	MetricSource MetricSource `yaml:"metricSource"`
}

// MetricSource names a system by type, by DataSource, or both. Spec is the
// query in that system's own terms.
type MetricSource struct {
	MetricSourceRef string       `yaml:"metricSourceRef" jsonschema_extras:"x-reference=DataSource" jsonschema_description:"The DataSource that is asked, by name."`
	Type            string       `yaml:"type" jsonschema:"enum=Prometheus" jsonschema_description:"The kind of system."`
	Spec            document.Raw `yaml:"spec" jsonschema_description:"For Prometheus: query, or histogram and below; recorded: true reads what rules recorded of it."`
}

// Indicator is an SLI written inside another document.
type Indicator struct {
	Metadata document.Metadata `yaml:"metadata"`
	Spec     SLISpec           `yaml:"spec"`
}

// SLO is a document of kind SLO.
type SLO struct {
	Head `yaml:",inline"`
	Spec SLOSpec `yaml:"spec"`

	// indicatorEach: each objective has an indicator of its own, as v1alpha
	// writes a ratio. In openslo/v1 the same makes a composite SLO.
	indicatorEach bool
}

// SLOSpec is the targets that one SLI is held to.
type SLOSpec struct {
	Description     string           `yaml:"description"`
	Service         string           `yaml:"service" jsonschema_extras:"x-reference=Service" jsonschema_description:"The Service that is measured, by name."`
	Indicator       *Indicator       `yaml:"indicator" jsonschema_description:"What is measured, written here."`
	IndicatorRef    string           `yaml:"indicatorRef" jsonschema_extras:"x-reference=SLI" jsonschema_description:"What is measured: an SLI, by name."`
	TimeWindow      []TimeWindow     `yaml:"timeWindow" jsonschema_description:"The time over which the share of good is taken; one entry."`
	BudgetingMethod string           `yaml:"budgetingMethod" jsonschema:"enum=Occurrences,enum=Timeslices,enum=RatioTimeslices" jsonschema_description:"What is counted: events, or slices of time."`
	Objectives      []Objective      `yaml:"objectives" jsonschema_description:"The targets."`
	AlertPolicies   []AlertPolicyUse `yaml:"alertPolicies" jsonschema_description:"When whom to tell."`
}

// Objective is one target of an SLO.
type Objective struct {
	DisplayName     string          `yaml:"displayName"`
	Op              string          `yaml:"op" jsonschema:"enum=lt,enum=lte,enum=gt,enum=gte" jsonschema_description:"How a measured value compares with value for it to be good."`
	Value           *float64        `yaml:"value"`
	Target          *float64        `yaml:"target" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"The share of good, a ratio: 0.999 is 99.9 %."`
	TargetPercent   *float64        `yaml:"targetPercent" jsonschema:"exclusiveMinimum=0,maximum=100" jsonschema_description:"The share of good in percent."`
	TimeSliceTarget *float64        `yaml:"timeSliceTarget" jsonschema_description:"The share of good from which a slice of time is good."`
	TimeSliceWindow document.Scalar `yaml:"timeSliceWindow" jsonschema_description:"The length of a slice of time, as 1m."`
	Indicator       *Indicator      `yaml:"indicator"`
	IndicatorRef    string          `yaml:"indicatorRef" jsonschema_extras:"x-reference=SLI" jsonschema_description:"An SLI, by name."`
	CompositeWeight *float64        `yaml:"compositeWeight"`
}

// TimeWindow is a rolling or a calendar window.
type TimeWindow struct {
	Duration  string    `yaml:"duration" jsonschema_description:"As 30d, 1M or 1w."`
	IsRolling *bool     `yaml:"isRolling" jsonschema_description:"true: the time up to now; false: a calendar period."`
	Calendar  *Calendar `yaml:"calendar"`
}

// Calendar anchors a calendar window.
type Calendar struct {
	StartTime string `yaml:"startTime" jsonschema_description:"A beginning of a period, as 2026-01-01 00:00:00."`
	TimeZone  string `yaml:"timeZone" jsonschema_description:"An IANA name, as Europe/Berlin."`
}

// AlertPolicy is a document of kind AlertPolicy.
type AlertPolicy struct {
	Head `yaml:",inline"`
	Spec AlertPolicySpec `yaml:"spec"`
}

// AlertPolicySpec says when whom to tell.
type AlertPolicySpec struct {
	Description         string         `yaml:"description"`
	AlertWhenNoData     *bool          `yaml:"alertWhenNoData"`
	AlertWhenResolved   *bool          `yaml:"alertWhenResolved"`
	AlertWhenBreaching  *bool          `yaml:"alertWhenBreaching"`
	Conditions          []ConditionUse `yaml:"conditions"`
	NotificationTargets []TargetUse    `yaml:"notificationTargets"`
}

// AlertPolicyUse is a policy by name, or written in place.
type AlertPolicyUse struct {
	AlertPolicyRef string            `yaml:"alertPolicyRef" jsonschema_extras:"x-reference=AlertPolicy" jsonschema_description:"An AlertPolicy, by name."`
	Kind           string            `yaml:"kind"`
	Metadata       document.Metadata `yaml:"metadata"`
	Spec           *AlertPolicySpec  `yaml:"spec"`
}

// ConditionUse is a condition by name, or written in place.
type ConditionUse struct {
	ConditionRef string              `yaml:"conditionRef" jsonschema_extras:"x-reference=AlertCondition" jsonschema_description:"An AlertCondition, by name."`
	Kind         string              `yaml:"kind"`
	Metadata     document.Metadata   `yaml:"metadata"`
	Spec         *AlertConditionSpec `yaml:"spec"`
}

// TargetUse is a notification target by name, or written in place.
type TargetUse struct {
	TargetRef string                       `yaml:"targetRef" jsonschema_extras:"x-reference=AlertNotificationTarget" jsonschema_description:"An AlertNotificationTarget, by name."`
	Kind      string                       `yaml:"kind"`
	Metadata  document.Metadata            `yaml:"metadata"`
	Spec      *AlertNotificationTargetSpec `yaml:"spec"`
}

// AlertCondition is a document of kind AlertCondition.
type AlertCondition struct {
	Head `yaml:",inline"`
	Spec AlertConditionSpec `yaml:"spec"`
}

// AlertConditionSpec is a burn rate that alerts.
type AlertConditionSpec struct {
	Description string `yaml:"description"`
	Severity    string `yaml:"severity" jsonschema_description:"page or ticket; free in OpenSLO."`
	Condition   struct {
		Kind           string   `yaml:"kind" jsonschema:"enum=burnrate"`
		Op             string   `yaml:"op"`
		Threshold      *float64 `yaml:"threshold" jsonschema_description:"The burn rate that alerts: 1 spends the budget exactly within the window."`
		LookbackWindow string   `yaml:"lookbackWindow" jsonschema_description:"Over which the burn rate is taken, as 1h."`
		AlertAfter     string   `yaml:"alertAfter" jsonschema_description:"How long it must hold, as 5m."`
	} `yaml:"condition"`
}

// AlertNotificationTarget is a document of kind AlertNotificationTarget.
type AlertNotificationTarget struct {
	Head `yaml:",inline"`
	Spec AlertNotificationTargetSpec `yaml:"spec"`
}

// AlertNotificationTargetSpec names a channel.
type AlertNotificationTargetSpec struct {
	Description string `yaml:"description"`
	Target      string `yaml:"target"`
}
