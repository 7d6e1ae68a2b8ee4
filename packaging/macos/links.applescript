-- Starts the program of the application around this one with the address that the system was asked to open. It stands in
-- Handrail.app/Contents/Helpers; the program is in Handrail.app/Contents/MacOS. The address is an argument, whatever it says.
on open location address
	set here to POSIX path of (path to me)
	set program to do shell script "cd " & quoted form of here & "../../MacOS && pwd"
	do shell script quoted form of (program & "/handrail") & " --link=" & quoted form of address & " >/dev/null 2>&1 &"
end open location
