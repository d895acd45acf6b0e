//go:build unix

package editing

import "syscall"

// mayWrite returns an error if the process may not write in dir, or the file system is read-only.
func mayWrite(dir string) error {
	const write, search = 2, 1
	return syscall.Access(dir, write|search)
}
