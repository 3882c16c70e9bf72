#include "daemon/docker/url.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/docker/line_splitter.h"

namespace nopo {
namespace {

TEST(PercentEncodeTest, EncodesAllButUnreservedCharacters) {
  EXPECT_EQ(PercentEncode("aZ9-._~"), "aZ9-._~");
  EXPECT_EQ(PercentEncode("a b/c?d=\"ü\""), "a%20b%2Fc%3Fd%3D%22%C3%BC%22");
}

TEST(PercentEncodeTest, KeepsWhatStructuresAnImageName) {
  EXPECT_EQ(PercentEncodePath("localhost:5000/me/shop@sha256:0?"),
            "localhost:5000/me/shop@sha256:0%3F");
}

TEST(QueryStringTest, JoinsParameters) {
  EXPECT_EQ(QueryString({}), "");
  EXPECT_EQ(QueryString({{"all", "1"}, {"filters", "{}"}}), "?all=1&filters=%7B%7D");
}

TEST(LineSplitterTest, JoinsALineThatArrivesInPieces) {
  LineSplitter splitter;
  std::vector<std::string> lines;
  const auto take = [&](absl::string_view line) { lines.emplace_back(line); };

  splitter.Feed("on", take);
  splitter.Feed("e\ntwo\n\nthr", take);

  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two"}));
}

}  // namespace
}  // namespace nopo
