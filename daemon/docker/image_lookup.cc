#include "daemon/docker/image_lookup.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

// Engine 20.10 takes 0.7 ms to inspect an image, and 15 ms to list 290.
constexpr size_t kMostInspected = 16;
// Of the names in memory: those of a few projects.
constexpr size_t kMostRemembered = 1000;

}  // namespace

absl::StatusOr<ImageIds> ImageLookup::Find(const std::vector<std::string>& references,
                                           absl::Time oldest, const Cancellation& cancellation) {
  Names names;
  for (const std::string& reference : references) names.insert(NormalizedTag(reference));
  ImageIds ids;
  int64_t forgotten;
  {
    MutexLock lock(mutex_);
    ids = TakeKnownLocked(names, oldest);
    forgotten = forgotten_;
  }
  if (names.empty()) return ids;
  const absl::Time now = absl::Now();
  NOPO_ASSIGN_OR_RETURN(ImageIds asked, Ask(names, cancellation));
  {
    MutexLock lock(mutex_);
    if (forgotten == forgotten_) RememberLocked(names, asked, now);
  }
  ids.merge(std::move(asked));
  return ids;
}

void ImageLookup::Forget() {
  MutexLock lock(mutex_);
  ++forgotten_;
  answers_.clear();
}

ImageIds ImageLookup::TakeKnownLocked(Names& names, absl::Time oldest) {
  ImageIds ids;
  for (auto name = names.begin(); name != names.end();) {
    const auto it = answers_.find(*name);
    if (it == answers_.end() || it->second.asked < oldest) {
      ++name;
      continue;
    }
    if (!it->second.id.empty()) ids[*name] = it->second.id;
    name = names.erase(name);
  }
  return ids;
}

void ImageLookup::RememberLocked(const Names& names, const ImageIds& ids, absl::Time asked) {
  if (answers_.size() > kMostRemembered) answers_.clear();
  for (const std::string& name : names) {
    const auto it = ids.find(name);
    answers_[name] = {.id = it == ids.end() ? "" : it->second, .asked = asked};
  }
}

absl::StatusOr<ImageIds> ImageLookup::Ask(const Names& names, const Cancellation& cancellation) {
  ImageIds ids;
  if (names.size() > kMostInspected) {
    NOPO_ASSIGN_OR_RETURN(const std::vector<Image> images, engine_.ListImages(cancellation));
    const ImageIds all = IdsByName(images);
    for (const std::string& name : names) {
      if (const auto it = all.find(name); it != all.end()) ids.insert(*it);
    }
    return ids;
  }
  for (const std::string& name : names) {
    const absl::StatusOr<Image> image = engine_.InspectImage(name, cancellation);
    if (image.ok()) ids[name] = image->id;
    if (!image.ok() && !absl::IsNotFound(image.status())) return image.status();
  }
  return ids;
}

}  // namespace nopo
