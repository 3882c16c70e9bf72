#include "daemon/operations/engine_images.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace nopo {
namespace {

class LoadIntoEngine final : public ArchiveSink {
 public:
  explicit LoadIntoEngine(ImageLoad load) : load_(std::move(load)) {}
  absl::Status Write(absl::string_view bytes) override { return load_.Write(bytes); }
  absl::Status Finish() override { return load_.Finish(); }

 private:
  ImageLoad load_;
};

// Nobody can pull an image that was made here and never pushed.
absl::StatusOr<bool> IsOnlyHere(EngineSession& session, const EngineImageRules& rules,
                                const std::string& reference, const Cancellation& cancellation) {
  if (rules.is_built_here(reference)) return !rules.push;
  NOPO_ASSIGN_OR_RETURN(const Image image, session.engine.InspectImage(reference, cancellation));
  return image.digests.empty();
}

}  // namespace

EngineImages ImagesOf(EngineSession& session, ImageLayouts& layouts, EngineImageRules rules) {
  EngineImages images;
  const auto find = [&session, push = rules.push](
                        absl::string_view reference, absl::Duration max_age,
                        const Cancellation& cancellation) -> absl::StatusOr<std::string> {
    absl::StatusOr<std::string> id =
        session.mirror.ImageId(std::string(reference), max_age, cancellation);
    if (push && absl::IsUnavailable(id.status())) return "";
    return id;
  };
  images.id = [find, start = absl::Now()](absl::string_view reference,
                                          const Cancellation& cancellation) {
    return find(reference, AgeInOperation(start), cancellation);
  };
  images.id_now = [find](absl::string_view reference, const Cancellation& cancellation) {
    return find(reference, absl::ZeroDuration(), cancellation);
  };
  images.size = [&session](const std::string& id, const Cancellation& cancellation) {
    const absl::StatusOr<Image> image = session.engine.InspectImage(id, cancellation);
    return image.ok() ? image->size : int64_t{0};
  };
  images.load =
      [&session](const Cancellation& cancellation) -> absl::StatusOr<std::unique_ptr<ArchiveSink>> {
    NOPO_ASSIGN_OR_RETURN(ImageLoad load, session.engine.LoadImages(cancellation));
    return std::make_unique<LoadIntoEngine>(std::move(load));
  };
  images.layout =
      [&session, &layouts, rules = std::move(rules)](
          const std::string& reference, const std::string& id,
          const Cancellation& cancellation) -> absl::StatusOr<std::optional<LocalImage>> {
    NOPO_ASSIGN_OR_RETURN(const bool only_here,
                          IsOnlyHere(session, rules, reference, cancellation));
    if (!only_here) return std::nullopt;
    NOPO_ASSIGN_OR_RETURN(LocalImage image,
                          layouts.Get(session.engine, reference, id, cancellation));
    return image;
  };
  return images;
}

}  // namespace nopo
