#include "daemon/buildkit/path_filter.h"

#include "common/status_macros.h"

namespace nopo {

absl::StatusOr<PathFilter> PathFilter::Create(const std::vector<std::string>& include,
                                              const std::vector<std::string>& exclude) {
  PathFilter filter;
  filter.includes_everything_ = include.empty();
  NOPO_ASSIGN_OR_RETURN(filter.include_, IgnorePatterns::Create(include));
  NOPO_ASSIGN_OR_RETURN(filter.exclude_, IgnorePatterns::Create(exclude));
  return filter;
}

bool PathFilter::Selects(absl::string_view path) const {
  if (!includes_everything_ && !include_.Excludes(path)) return false;
  return !exclude_.Excludes(path);
}

bool PathFilter::MaySelectBelow(absl::string_view dir) const {
  if (!includes_everything_ && !include_.MayMatchBelow(dir)) return false;
  return !exclude_.Prunes(dir);
}

}  // namespace nopo
