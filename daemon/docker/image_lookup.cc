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
  std::vector<std::string> names;
  for (const std::string& reference : references) names.push_back(NormalizedTag(reference));
  int64_t forgotten;
  {
    MutexLock lock(mutex_);
    forgotten = forgotten_;
  }
  ImageIds ids = TakeKnown(names, oldest);
  const absl::Time now = absl::Now();
  NOPO_ASSIGN_OR_RETURN(ImageIds asked, Ask(names, cancellation));
  {
    MutexLock lock(mutex_);
    if (answers_.size() > kMostRemembered) answers_.clear();
    for (const std::string& name : names) {
      const auto it = asked.find(name);
      if (forgotten == forgotten_) {
        answers_[name] = {.id = it == asked.end() ? "" : it->second, .asked = now};
      }
    }
  }
  ids.merge(std::move(asked));
  return ids;
}

void ImageLookup::Forget() {
  MutexLock lock(mutex_);
  ++forgotten_;
  answers_.clear();
}

ImageIds ImageLookup::TakeKnown(std::vector<std::string>& names, absl::Time oldest) {
  MutexLock lock(mutex_);
  ImageIds ids;
  std::vector<std::string> unknown;
  for (std::string& name : names) {
    const auto it = answers_.find(name);
    if (it == answers_.end() || it->second.asked < oldest) {
      unknown.push_back(std::move(name));
    } else if (!it->second.id.empty()) {
      ids[name] = it->second.id;
    }
  }
  names = std::move(unknown);
  return ids;
}

absl::StatusOr<ImageIds> ImageLookup::Ask(const std::vector<std::string>& names,
                                          const Cancellation& cancellation) {
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
