#define INITGUID
#include "duplication_windows.h"

#include <stdlib.h>

typedef HRESULT(WINAPI *create_factory)(REFIID, void **);

// The libraries are loaded when they are needed first, and stay.
static HRESULT load(const wchar_t *library, const char *name, FARPROC *found)
{
	HMODULE module = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
	if (!module)
		return HRESULT_FROM_WIN32(GetLastError());
	*found = GetProcAddress(module, name);
	return *found ? S_OK : HRESULT_FROM_WIN32(GetLastError());
}

// begin duplicates an output of an adapter.
static HRESULT begin(IDXGIAdapter1 *adapter, IDXGIOutput *on, const DXGI_OUTPUT_DESC *description, output *o)
{
	FARPROC create;
	HRESULT hr = load(L"d3d11.dll", "D3D11CreateDevice", &create);
	if (FAILED(hr))
		return hr;
	hr = ((PFN_D3D11_CREATE_DEVICE)(void *)create)((IDXGIAdapter *)adapter, D3D_DRIVER_TYPE_UNKNOWN, NULL, 0, NULL, 0,
						       D3D11_SDK_VERSION, &o->device, NULL, NULL);
	if (FAILED(hr))
		return hr;
	IDXGIOutput1 *on1 = NULL;
	hr = IDXGIOutput_QueryInterface(on, &IID_IDXGIOutput1, (void **)&on1);
	if (FAILED(hr))
		return hr;
	hr = IDXGIOutput1_DuplicateOutput(on1, (IUnknown *)o->device, &o->duplication);
	IDXGIOutput1_Release(on1);
	if (FAILED(hr))
		return hr;
	DXGI_OUTDUPL_DESC own;
	IDXGIOutputDuplication_GetDesc(o->duplication, &own);
	o->width = own.ModeDesc.Width;
	o->height = own.ModeDesc.Height;
	o->rotation = description->Rotation;
	return S_OK;
}

// search duplicates the output of an adapter that is at a place of the desktop.
static HRESULT search(IDXGIAdapter1 *adapter, const RECT *at, output *o)
{
	IDXGIOutput *on = NULL;
	HRESULT hr = DXGI_ERROR_NOT_FOUND;
	for (UINT i = 0; hr == DXGI_ERROR_NOT_FOUND; i++) {
		if (FAILED(IDXGIAdapter1_EnumOutputs(adapter, i, &on)))
			break;
		DXGI_OUTPUT_DESC description;
		if (SUCCEEDED(IDXGIOutput_GetDesc(on, &description)) && description.AttachedToDesktop &&
		    EqualRect(&description.DesktopCoordinates, at))
			hr = begin(adapter, on, &description, o);
		IDXGIOutput_Release(on);
		if (o->device)
			break;
	}
	return hr;
}

HRESULT duplicate_output(const RECT *at, output **made)
{
	FARPROC create;
	HRESULT hr = load(L"dxgi.dll", "CreateDXGIFactory1", &create);
	if (FAILED(hr))
		return hr;
	IDXGIFactory1 *factory = NULL;
	hr = ((create_factory)(void *)create)(&IID_IDXGIFactory1, (void **)&factory);
	if (FAILED(hr))
		return hr;
	output *o = calloc(1, sizeof *o);
	hr = o ? DXGI_ERROR_NOT_FOUND : E_OUTOFMEMORY;
	for (UINT i = 0; hr == DXGI_ERROR_NOT_FOUND; i++) {
		IDXGIAdapter1 *adapter = NULL;
		if (FAILED(IDXGIFactory1_EnumAdapters1(factory, i, &adapter)))
			break;
		hr = search(adapter, at, o);
		IDXGIAdapter1_Release(adapter);
		if (o->device)
			break;
	}
	IDXGIFactory1_Release(factory);
	if (FAILED(hr) && o)
		end_output(o);
	else
		*made = o;
	return hr;
}

// describe asks where the frame that is held was drawn on. Lists that are too long are all of the monitor.
static HRESULT describe(output *o)
{
	UINT moves = 0, dirty = 0; // bytes
	HRESULT hr = IDXGIOutputDuplication_GetFrameMoveRects(o->duplication, sizeof o->move_rects, o->move_rects, &moves);
	if (SUCCEEDED(hr))
		hr = IDXGIOutputDuplication_GetFrameDirtyRects(o->duplication, sizeof o->dirty_rects, o->dirty_rects, &dirty);
	if (FAILED(hr) && hr != DXGI_ERROR_MORE_DATA)
		return hr;
	if (hr == DXGI_ERROR_MORE_DATA || moves > sizeof o->move_rects || dirty > sizeof o->dirty_rects) {
		o->whole = TRUE;
		return S_OK;
	}
	o->moves = moves / sizeof o->move_rects[0];
	o->dirty = dirty / sizeof o->dirty_rects[0];
	return S_OK;
}

HRESULT next_frame(output *o, UINT timeout)
{
	o->whole = FALSE;
	o->dirty = o->moves = 0;
	if (o->holds) { // so late because Windows need not keep a copy up to date as long as a frame is held
		o->holds = FALSE;
		HRESULT hr = IDXGIOutputDuplication_ReleaseFrame(o->duplication);
		if (FAILED(hr))
			return hr;
	}
	DXGI_OUTDUPL_FRAME_INFO info;
	IDXGIResource *picture = NULL;
	HRESULT hr = IDXGIOutputDuplication_AcquireNextFrame(o->duplication, timeout, &info, &picture);
	if (hr == DXGI_ERROR_WAIT_TIMEOUT)
		return S_OK;
	if (FAILED(hr))
		return hr;
	o->holds = TRUE;
	if (picture)
		IDXGIResource_Release(picture);
	if (info.TotalMetadataBufferSize > 0)
		return describe(o);
	o->whole = info.LastPresentTime.QuadPart != 0; // it is 0 when only the pointer has moved
	return S_OK;
}

void end_output(output *o)
{
	if (o->holds)
		IDXGIOutputDuplication_ReleaseFrame(o->duplication);
	if (o->duplication)
		IDXGIOutputDuplication_Release(o->duplication);
	if (o->device)
		ID3D11Device_Release(o->device);
	free(o);
}
