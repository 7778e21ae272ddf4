package system

// Folders are those in which we go on making and writing files, those from which we go on removing them, and those that are our own
// altogether. Links are followed.
type Folders struct{ Write, Remove, Own []string }

// GiveUp gives up, for all threads and for good, what nobody needs once all sockets are bound: root, for the user of that name;
// every capability, but with binding the one to bind ports below 1024 later; the right to gain any by running a program; and, as
// far as the kernel knows how to, to run programs but those that lie where this one does, and to remove, make or write files other
// than as the folders say. An empty name is who we are; if that is
// root, it may go on reading what is not its own.
func GiveUp(name string, binding bool, folders Folders) error {
	if err := dropPrivileges(name, binding); err != nil {
		return err
	}
	confine(folders)
	return nil
}

// GiveUpAgain is GiveUp for a process that got what the one before has left it: what was given up then stays so, whatever the
// folders are by now. (Landlock knows 16 layers and no more.)
func GiveUpAgain(name string, binding bool) error { return dropPrivileges(name, binding) }
