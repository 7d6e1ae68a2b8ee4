//go:build !linux && !windows && !darwin

package link

// readSystem: only the environment is known here.
func readSystem() systemSetting { return systemSetting{} }
