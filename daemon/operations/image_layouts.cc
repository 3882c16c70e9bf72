#include "daemon/operations/image_layouts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/fingerprint.h"
#include "common/status_macros.h"
#include "daemon/buildkit/image_archive.h"

namespace nopo {
namespace {

namespace fs = std::filesystem;

// The layout's tag; it is there once the layout is whole.
constexpr char kTag[] = "image";

// Removes what `directory` holds besides `kept`: images that had the name before.
void RemoveOthers(const fs::path& directory, const fs::path& kept) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    std::error_code ignored;
    if (entry.path() != kept) fs::remove_all(entry.path(), ignored);
  }
}

absl::StatusOr<LocalImage> SaveFromEngine(DockerEngine& engine, const std::string& reference,
                                          const OciLayout& layout,
                                          const Cancellation& cancellation) {
  std::error_code error;
  fs::remove_all(layout.directory(), error);  // What a crash has left.
  NOPO_ASSIGN_OR_RETURN(const ArchiveSource source, engine.SaveImage(reference, cancellation));
  NOPO_ASSIGN_OR_RETURN(std::string digest, UnpackImageArchive(source, layout));
  NOPO_RETURN_IF_ERROR(layout.SetManifest(kTag, absl::StrCat(R"({"digest":")", digest, R"("})")));
  RemoveOthers(layout.directory().parent_path(), layout.directory());
  return LocalImage{layout, std::move(digest)};
}

}  // namespace

std::shared_ptr<ImageLayouts::SharedImage> ImageLayouts::ImageAt(const fs::path& directory) {
  MutexLock lock(mutex_);
  std::erase_if(images_, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<SharedImage>& known = images_[directory];
  std::shared_ptr<SharedImage> image = known.lock();
  if (image == nullptr) {
    image = std::make_shared<SharedImage>();
    known = image;
  }
  return image;
}

absl::StatusOr<LocalImage> ImageLayouts::Get(DockerEngine& engine, const std::string& reference,
                                             const std::string& id,
                                             const Cancellation& cancellation) {
  const std::string name = Fingerprint().Add(engine.endpoint().ToString()).Add(reference).Hex();
  const OciLayout layout(directory_ / name / Fingerprint().Add(id).Hex());
  const std::shared_ptr<SharedImage> shared = ImageAt(layout.directory());
  const auto make = [&]() -> absl::StatusOr<std::shared_ptr<const LocalImage>> {
    NOPO_ASSIGN_OR_RETURN(std::string digest, layout.FindManifest(kTag));
    if (!digest.empty()) {
      return std::make_shared<const LocalImage>(LocalImage{layout, std::move(digest)});
    }
    NOPO_ASSIGN_OR_RETURN(LocalImage saved,
                          SaveFromEngine(engine, reference, layout, cancellation));
    return std::make_shared<const LocalImage>(std::move(saved));
  };
  const absl::StatusOr<std::shared_ptr<const LocalImage>> image = shared->Get(cancellation, make);
  if (image.ok()) return **image;
  if (absl::IsCancelled(image.status())) return image.status();
  return WithPrefix(image.status(),
                    absl::StrCat("cannot take ", reference, " from the engine to BuildKit: "));
}

}  // namespace nopo
