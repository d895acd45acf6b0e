package openslo

// What OpenSLO has no place for stands in annotations of ours, so that files
// that other tools read lose nothing when they come back.
const (
	// DocumentsAnnotation of a Service holds documents of accord/v1.
	DocumentsAnnotation = "accord/documents"
	// ObjectiveAnnotation of an SLO names the objective of an agreement, as
	// agreement/objective, that it tells other tools of. It is none of its own.
	ObjectiveAnnotation = "accord/objective"
	// IndicatorAnnotation of an SLO is EachObjective where each objective has
	// an indicator of its own and is held to it alone, as in v1alpha.
	IndicatorAnnotation = "accord/indicator"
	EachObjective       = "each-objective"
)

// AnnotationField is the path of an annotation.
func AnnotationField(name string) string { return "metadata.annotations." + name }
