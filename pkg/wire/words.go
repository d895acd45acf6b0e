package wire

// Computation is how a figure of an objective came about.
type Computation struct {
	Title   string `json:"title"`
	Formula string `json:"formula"`
	// Numbers is the formula with the real numbers; why there are none, where the
	// figure is absent.
	Numbers string `json:"numbers"`
}

// PromiseText is an agreement in words.
type PromiseText struct {
	// Opening says who promises whom what; the objectives follow.
	Opening    string             `json:"opening"`
	Objectives []PromiseObjective `json:"objectives"`
	// Terms hold for all objectives: hours, exclusions, reports, consequences.
	Terms []string `json:"terms"`
}

// PromiseObjective is what one objective promises.
type PromiseObjective struct {
	Named
	Sentence string `json:"sentence"`
	// Notes change how it is counted.
	Notes []string `json:"notes"`
}
