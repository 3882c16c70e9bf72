// The parser of --filter: any text; what it takes, every target can be asked.
#include <cstdlib>

#include "daemon/project/target_filter.h"

namespace nopo {
namespace {

Target SampleTarget() {
  Target target;
  target.id = target.name = "web";
  target.kind = TargetKind::kService;
  target.tags = {"frontend"};
  Command check;
  check.name = check.path = "check";
  check.run = "true";
  target.commands = {check};
  return target;
}

void Filter(const std::string& text) {
  const absl::StatusOr<std::vector<TargetFilter>> filters = ParseFilters({text});
  if (!filters.ok()) {
    if (filters.status().message().empty()) std::abort();
    return;
  }
  static const Target target = SampleTarget();
  const ChangedTargets changes{{"web"}, {"web"}};
  for (TargetFilter filter : *filters) {
    const bool matches = Matches(filter, target, changes);
    filter.negated = !filter.negated;
    if (Matches(filter, target, changes) == matches) std::abort();
  }
}

}  // namespace
}  // namespace nopo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  nopo::Filter(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
