package system

// GiveUp gives up, for all threads and for good, what nobody needs once all sockets are bound: root, for the user of that name;
// every capability, but with binding the one to bind ports below 1024 later; the right to gain any by running a program; and, as
// far as the kernel knows how to, to write, make or run files other than in the folders. An empty name is who we are; if that is
// root, it may go on reading what is not its own.
func GiveUp(name string, binding bool, folders ...string) error {
	if err := dropPrivileges(name, binding); err != nil {
		return err
	}
	confine(folders)
	return nil
}
