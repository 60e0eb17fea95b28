// Unreal's entry point; CMakeLists.txt leaves it out.
#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, UmoCore)
