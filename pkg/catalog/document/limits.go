package document

import (
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
	if l.FileBytes == 0 {
		l.FileBytes = 1 << 20
	}
	if l.FolderBytes == 0 {
		l.FolderBytes = 64 << 20
	}
	if l.Documents == 0 {
		l.Documents = 20_000
	}
	if l.Nodes == 0 {
		l.Nodes = 200_000
	}
	if l.Depth == 0 {
		l.Depth = 100
	}
	return l
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

// weigher sums weights without expanding anything: each anchor is weighed
// once, so that a bomb costs no more than its text.
type weigher struct {
	known map[*yaml.Node]weight
	open  map[*yaml.Node]bool
}

// check is an error when the document, with its aliases written out, is
// beyond the limits, or contains itself.
func (l Limits) check(node *yaml.Node) (*yaml.Node, error) {
	w := weigher{known: map[*yaml.Node]weight{}, open: map[*yaml.Node]bool{}}
	total, circular := w.weigh(node)
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

func (w *weigher) weigh(node *yaml.Node) (weight, *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		if w.open[node.Alias] {
			return weight{}, node
		}
		return w.weigh(node.Alias)
	}
	if known, ok := w.known[node]; ok {
		return known, nil
	}
	anchored := node.Anchor != ""
	if anchored {
		w.open[node] = true
	}
	sum := weight{nodes: 1}
	for _, child := range node.Content {
		part, circular := w.weigh(child)
		if circular != nil {
			return sum, circular
		}
		sum.nodes = addSaturating(sum.nodes, part.nodes)
		sum.depth = max(sum.depth, part.depth)
	}
	sum.depth++
	if anchored {
		delete(w.open, node)
		w.known[node] = sum
	}
	return sum, nil
}

func addSaturating(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}
