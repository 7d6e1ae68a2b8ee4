package reveal

import "os/exec"

func show(path string) { _ = exec.Command("open", "-R", path).Run() }
