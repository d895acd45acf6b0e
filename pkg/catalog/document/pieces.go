package document

import (
	"bytes"
	"iter"
)

// pieces cuts a file before each --- line and after each ... line. YAML allows
// neither inside a document, not even in a quoted text, so that a piece holds
// at most one document and is good or bad by itself. What stands before a
// document without being one (comments, directives) is part of its piece.
func pieces(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		start, content := 0, false
		for at := 0; at < len(data); {
			end := len(data)
			if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
				end = at + n + 1
			}
			line := data[at:end]
			if isMarker(line, "---") && content {
				if !yield(data[start:at]) {
					return
				}
				start, content = at, false
			}
			content = content || !isPrologue(line)
			if isMarker(line, "...") {
				if !yield(data[start:end]) {
					return
				}
				start, content = end, false
			}
			at = end
		}
		if content {
			yield(data[start:])
		}
	}
}

func isMarker(line []byte, marker string) bool {
	after, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(after) == 0 || bytes.IndexByte([]byte(" \t\r\n"), after[0]) >= 0)
}

// isPrologue reports whether a line may stand before a document: it is blank,
// a comment, a directive, or the bare --- that begins one.
func isPrologue(line []byte) bool {
	line = bytes.TrimRight(line, " \t\r\n")
	return len(line) == 0 || line[0] == '#' || line[0] == '%' || bytes.Equal(line, []byte("---"))
}
