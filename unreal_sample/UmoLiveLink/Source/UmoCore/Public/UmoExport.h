// What UnrealBuildTool defines to export a class from this module; nothing elsewhere.
#pragma once

#ifndef UMOCORE_API
#define UMOCORE_API
#endif
