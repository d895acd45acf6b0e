package document

import (
	"cmp"
	"fmt"
	"math"

	"go.yaml.in/yaml/v4"
)

// Limits bound what a folder may ask of its reader. A zero field means the
// default.
type Limits struct {
	FileBytes   int64 // of one file
	FolderBytes int64 // of all files together
	Documents   int   // in all files together; also the number of files
	Nodes       int   // values in one YAML document, its aliases written out
	Depth       int   // nesting in one YAML document
}

// WithDefaults fills in the zero fields.
func (l Limits) WithDefaults() Limits {
	return Limits{
		FileBytes:   cmp.Or(l.FileBytes, 1<<20),
		FolderBytes: cmp.Or(l.FolderBytes, 64<<20),
		Documents:   cmp.Or(l.Documents, 20_000),
		Nodes:       cmp.Or(l.Nodes, 200_000),
		Depth:       cmp.Or(l.Depth, 100),
	}
}

// depthLimit stops the parser before it has built a deeply nested tree.
type depthLimit int

// CheckDepth is called by the parser at each new level.
func (l depthLimit) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > int(l) {
		return fmt.Errorf("nested more than %d levels deep, which is the limit", int(l))
	}
	return nil
}

// CheckAlias is never called for nodes, whose aliases stay unexpanded.
func (depthLimit) CheckAlias(int, int) error { return nil }

// weight is the size of a node with its aliases written out.
type weight struct {
	nodes int
	depth int
}

// weigher holds the weight of each node with an anchor, which is weighed once,
// so that a bomb costs no more than its text; zero while it is being weighed.
type weigher map[*yaml.Node]weight

// check returns an error when the document, with its aliases written out, is
// beyond the limits, or contains itself.
func (l Limits) check(node *yaml.Node) (*yaml.Node, error) {
	total, circular := weigher{}.weigh(node)
	switch {
	case circular != nil:
		return circular, fmt.Errorf("the alias *%s stands inside what it stands for", circular.Value)
	case total.nodes > l.Nodes:
		return node, fmt.Errorf("the document has %d values with its aliases written out; the limit is %d", total.nodes, l.Nodes)
	case total.depth > l.Depth:
		return node, fmt.Errorf("the document is nested %d levels deep with its aliases written out; the limit is %d", total.depth, l.Depth)
	}
	return nil, nil
}

// weigh returns the weight of a node, or the alias that stands inside itself.
func (w weigher) weigh(at *yaml.Node) (sum weight, circular *yaml.Node) {
	node := follow(at)
	if known, ok := w[node]; ok {
		if known.nodes == 0 {
			return known, at
		}
		return known, nil
	}
	if node.Anchor != "" {
		w[node] = weight{}
	}
	sum.nodes = 1
	for _, child := range node.Content {
		part, circular := w.weigh(child)
		if circular != nil {
			return sum, circular
		}
		if sum.nodes += part.nodes; sum.nodes < 0 {
			sum.nodes = math.MaxInt
		}
		sum.depth = max(sum.depth, part.depth)
	}
	sum.depth++
	if node.Anchor != "" {
		w[node] = sum
	}
	return sum, nil
}
