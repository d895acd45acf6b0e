package wire

import "github.com/accord-sla/accord/pkg/budget"

// EffectFigures are those of one agreement, as it is or as it would be.
type EffectFigures struct {
	// Current is the status over the windows that were agreed.
	Current AgreementStatus `json:"current"`
	// Last90Days and Months are as if it had been in force all the time, so
	// that a promise can be tried on history before it is given.
	Last90Days AgreementStatus `json:"last90Days"`
	// Months are the present one to date and the three before, oldest first.
	Months []PeriodStatus `json:"months"`
}

// Difference is what a change would have meant for one objective, or one group
// of it, as people read it.
type Difference struct {
	// Objective is its name, with its group: «latency {region=eu}».
	Objective string `json:"objective"`
	// Changes says whether it would have meant anything.
	Changes bool `json:"changes"`
	// Text is what it would have meant, in sentences.
	Text string `json:"text"`
	// Periods are the last 90 days, and then the months, oldest first.
	Periods []Compared `json:"periods"`
}

// Compared is a period on both sides of a change; null where it is not promised.
type Compared struct {
	Period string        `json:"period"`
	Before *TriedFigures `json:"before"`
	After  *TriedFigures `json:"after"`
}

// TriedFigures are those of a period, rounded as they are written.
type TriedFigures struct {
	State      budget.State  `json:"state"`
	Target     budget.Figure `json:"target"`
	Compliance budget.Figure `json:"compliance"`
	// Remaining is the share of the error budget that is left, Budget the amount
	// of it in words.
	Remaining budget.Figure `json:"remaining"`
	Budget    string        `json:"budget"`
}
