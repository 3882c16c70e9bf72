#include "cli/progress/renderer.h"

#include <utility>

#include "cli/progress/json_renderer.h"
#include "cli/progress/plain_renderer.h"
#include "cli/progress/quiet_renderer.h"
#include "cli/progress/tty_renderer.h"

namespace nopo {

std::unique_ptr<Renderer> MakeRenderer(RendererOptions options, Console console) {
  switch (options.mode) {
    case ProgressMode::kTty:
      return std::make_unique<TtyRenderer>(std::move(options), std::move(console));
    case ProgressMode::kJson:
      return std::make_unique<JsonRenderer>(std::move(options), std::move(console));
    case ProgressMode::kQuiet:
      return std::make_unique<QuietRenderer>(std::move(options), std::move(console));
    case ProgressMode::kPlain:
      break;
  }
  return std::make_unique<PlainRenderer>(std::move(options), std::move(console));
}

}  // namespace nopo
