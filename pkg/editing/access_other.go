//go:build !unix

package editing

// mayWrite returns nil: only writing shows whether it is allowed.
func mayWrite(string) error { return nil }
