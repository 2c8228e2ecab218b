from gongzhi.core.grams import grams, search_grams


def test_a_stored_text_holds_every_pair_a_search_for_part_of_it_asks_for():
    stored = grams("梧桐花园3幢，电梯故障")
    for query in ("花园", "梧桐花", "电梯", "3", "故障 花园"):
        assert set(search_grams(query)) <= set(stored), query


def test_pairs_do_not_cross_a_break():
    assert "园电" not in grams("花园，电梯")
    assert not set(search_grams("园电")) <= set(grams("花园，电梯"))


def test_full_width_letters_and_capitals_are_one_with_plain_ones():
    assert set(search_grams("ＪＪ")) <= set(grams("jj-2022"))


def test_a_single_character_is_found_and_an_empty_query_asks_for_nothing():
    assert search_grams("园") == ["园"]
    assert search_grams(" ，") == []
