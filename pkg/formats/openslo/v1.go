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
	ThresholdMetric *Metric      `yaml:"thresholdMetric"`
	RatioMetric     *RatioMetric `yaml:"ratioMetric"`
}

// RatioMetric is good or bad of total, or a ratio that is itself recorded.
type RatioMetric struct {
	Counter *bool   `yaml:"counter"`
	Good    *Metric `yaml:"good"`
	Bad     *Metric `yaml:"bad"`
	Total   *Metric `yaml:"total"`
	RawType string  `yaml:"rawType"`
	Raw     *Metric `yaml:"raw"`
}

// Metric is one query and where it is asked.
type Metric struct {
	MetricSource MetricSource `yaml:"metricSource"`
}

// MetricSource names a system by type, by DataSource, or both. Spec is the
// query in that system's own terms.
type MetricSource struct {
	MetricSourceRef string       `yaml:"metricSourceRef"`
	Type            string       `yaml:"type"`
	Spec            document.Raw `yaml:"spec"`
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
	Service         string           `yaml:"service"`
	Indicator       *Indicator       `yaml:"indicator"`
	IndicatorRef    string           `yaml:"indicatorRef"`
	TimeWindow      []TimeWindow     `yaml:"timeWindow"`
	BudgetingMethod string           `yaml:"budgetingMethod"`
	Objectives      []Objective      `yaml:"objectives"`
	AlertPolicies   []AlertPolicyUse `yaml:"alertPolicies"`
}

// Objective is one target of an SLO.
type Objective struct {
	DisplayName     string          `yaml:"displayName"`
	Op              string          `yaml:"op"`
	Value           *float64        `yaml:"value"`
	Target          *float64        `yaml:"target"`
	TargetPercent   *float64        `yaml:"targetPercent"`
	TimeSliceTarget *float64        `yaml:"timeSliceTarget"`
	TimeSliceWindow document.Scalar `yaml:"timeSliceWindow"`
	Indicator       *Indicator      `yaml:"indicator"`
	IndicatorRef    string          `yaml:"indicatorRef"`
	CompositeWeight *float64        `yaml:"compositeWeight"`
}

// TimeWindow is a rolling or a calendar window.
type TimeWindow struct {
	Duration  string    `yaml:"duration"`
	IsRolling *bool     `yaml:"isRolling"`
	Calendar  *Calendar `yaml:"calendar"`
}

// Calendar anchors a calendar window.
type Calendar struct {
	StartTime string `yaml:"startTime"`
	TimeZone  string `yaml:"timeZone"`
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
	AlertPolicyRef string            `yaml:"alertPolicyRef"`
	Kind           string            `yaml:"kind"`
	Metadata       document.Metadata `yaml:"metadata"`
	Spec           *AlertPolicySpec  `yaml:"spec"`
}

// ConditionUse is a condition by name, or written in place.
type ConditionUse struct {
	ConditionRef string              `yaml:"conditionRef"`
	Kind         string              `yaml:"kind"`
	Metadata     document.Metadata   `yaml:"metadata"`
	Spec         *AlertConditionSpec `yaml:"spec"`
}

// TargetUse is a notification target by name, or written in place.
type TargetUse struct {
	TargetRef string                       `yaml:"targetRef"`
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
	Severity    string `yaml:"severity"`
	Condition   struct {
		Kind           string   `yaml:"kind"`
		Op             string   `yaml:"op"`
		Threshold      *float64 `yaml:"threshold"`
		LookbackWindow string   `yaml:"lookbackWindow"`
		AlertAfter     string   `yaml:"alertAfter"`
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
