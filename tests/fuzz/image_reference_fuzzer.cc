// The parser of image references: any text; what it takes, it writes and reads again as it was.
#include <cstdlib>

#include "daemon/project/image_names.h"

namespace nopo {
namespace {

void Parse(absl::string_view text) {
  const absl::StatusOr<ImageReference> reference = ParseImageReference(text);
  if (!reference.ok()) {
    if (reference.status().message().empty()) std::abort();
    return;
  }
  const std::string written = reference->ToString();
  const absl::StatusOr<ImageReference> again = ParseImageReference(written);
  if (!again.ok() || again->ToString() != written || written != text) std::abort();
}

void Slugs(absl::string_view text) {
  const std::string slug = Slug(text);
  if (slug.empty() || Slug(slug) != slug) std::abort();
}

}  // namespace
}  // namespace nopo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  nopo::Parse(text);
  nopo::Slugs(text);
  return 0;
}
