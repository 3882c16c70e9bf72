// The engine's images as builds need them.
#pragma once

#include <functional>
#include <string>

#include "daemon/build/image_builder.h"
#include "daemon/operations/engine_session.h"
#include "daemon/operations/image_layouts.h"

namespace nopo {

struct EngineImageRules {
  // BuildKit pushes what it builds: the engine is not needed, and what it has under the names of
  // the project's images may be older.
  bool push = false;
  // Whether the project builds an image of that name.
  std::function<bool(const std::string& reference)> is_built_here;
};

// What is given must outlive the answer, which is one operation's.
EngineImages ImagesOf(EngineSession& session, ImageLayouts& layouts, EngineImageRules rules);

}  // namespace nopo
