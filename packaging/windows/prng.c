// The one function of Windows' bcryptprimitives.dll that Go programs need. Wine before version 9 lacks it; wine.sh puts
// this into the Wine that it tries the programs in. It never travels with them.
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID data, ULONG length); // RtlGenRandom

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
	while (length) {
		ULONG part = length > 65536 ? 65536 : (ULONG)length;
		if (!SystemFunction036(data, part)) return FALSE;
		data += part;
		length -= part;
	}
	return TRUE;
}
