"""Workbooks for tests: rows by sheet title, in the template's columns."""

from io import BytesIO

import xlsxwriter

from gongzhi.registry.services.imports.sheets import BY_TITLE


def workbook(**sheets):
    """`小区=[...]`: rows of values, in the order of the columns; short rows are filled up with nothing."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    for title, rows in sheets.items():
        page = book.add_worksheet(title)
        page.write_row(0, 0, [one.title for one in BY_TITLE[title].columns])
        for number, row in enumerate(rows, start=1):
            page.write_row(number, 0, row)
    book.close()
    return target.getvalue()
